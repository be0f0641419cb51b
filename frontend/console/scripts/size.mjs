/** `npm run size`: gzipped bytes of the built console as JSON; JS beyond MapLibre must stay within 80 KB. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const LIMIT_KB = 80
const folder = join(import.meta.dirname, '../../../src/ondijon/apps/console/static/assets')
const gzipped = (name) => gzipSync(readFileSync(join(folder, name)), { level: 9 }).length
const files = Object.fromEntries(readdirSync(folder).map((name) => [name, gzipped(name)]))

function sum(test) {
  const bytes = Object.entries(files).reduce((total, [name, size]) => (test(name) ? total + size : total), 0)
  return Math.round(bytes / 10.24) / 100
}

const isOwn = (name) => name.endsWith('.js') && !name.startsWith('maplibre-gl')
const answer = {
  own_js_kb: sum(isOwn),
  limit_kb: LIMIT_KB,
  maplibre_js_kb: sum((name) => name.startsWith('maplibre-gl') && name.endsWith('.js')),
  css_kb: sum((name) => name.endsWith('.css')),
  fonts_kb: sum((name) => name.endsWith('.woff2')),
  files,
}
console.log(JSON.stringify(answer, null, 1))
process.exitCode = answer.own_js_kb > LIMIT_KB ? 1 : 0
