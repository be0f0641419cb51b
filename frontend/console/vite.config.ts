/** How the console is built: one static folder served by the post, no inline script, no data URL. */
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { trimLibraries } from './scripts/trim'

export default defineConfig({
  base: '/',
  plugins: [trimLibraries(), svelte()],
  worker: { format: 'es' },
  build: {
    outDir: '../../src/ondijon/apps/console/static',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: false,
    chunkSizeWarningLimit: 1500,
    reportCompressedSize: false,
    rolldownOptions: { optimization: { inlineConst: true } },
  },
  test: { include: ['src/**/tests/*.test.ts'], environment: 'node' },
})
