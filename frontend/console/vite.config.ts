/** How the console is built: one static folder served by the post, no inline script, no data URL. */
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  base: '/',
  plugins: [svelte()],
  worker: { format: 'es' },
  build: {
    outDir: '../../src/ondijon/apps/console/static',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    reportCompressedSize: false,
  },
  test: { include: ['src/**/tests/*.test.ts'], environment: 'node' },
})
