/** How the console is built: one static folder served by the post, no inline script, no data URL. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { trimLibraries } from './scripts/trim'

/** `src/<part>/`, of folders that have a `part.ts`; what several parts share stands in `shell` and `place`. */
function partOf(id: string): string | null {
  const folder = /[\\/]src[\\/](\w+)[\\/](?!part\.ts)/.exec(id)?.[1]
  if (!folder || id.includes('node_modules')) return null
  return folder === 'place' || existsSync(join(import.meta.dirname, 'src', folder, 'part.ts')) ? folder : null
}

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
    rolldownOptions: {
      optimization: { inlineConst: true },
      // One file for what is loaded before the room is usable, one for each part: few requests, whole dictionaries for gzip.
      output: {
        codeSplitting: {
          groups: [
            { name: 'room', tags: ['$initial'], priority: 2 },
            { name: partOf, priority: 1 },
          ],
        },
      },
    },
  },
  test: { include: ['src/**/tests/*.test.ts'], environment: 'node' },
})
