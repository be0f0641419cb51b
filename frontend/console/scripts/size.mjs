/**
 * `npm run size`: gzipped KB of the built console as JSON. First load: what index.html loads before the room is
 * usable, beyond MapLibre, at most 80 KB (docs/adr/0015). Lazy: all that comes with its first use, at most 160 KB.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const FIRST_LIMIT_KB = 80
const LAZY_LIMIT_KB = 160
const root = join(import.meta.dirname, '../../../src/ondijon/apps/console/static')
const folder = join(root, 'assets')
const gzipped = (name) => gzipSync(readFileSync(join(folder, name)), { level: 9 }).length
const files = Object.fromEntries(readdirSync(folder).map((name) => [name, gzipped(name)]))

/** A file and all that it imports before it runs; `import("./later.js")` is not one of them. */
function withImports(name, found = new Set()) {
  if (found.has(name)) return found
  found.add(name)
  const code = readFileSync(join(folder, name), 'utf8')
  for (const [, next] of code.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g))
    withImports(next, found)
  return found
}

function sum(test) {
  const bytes = Object.entries(files).reduce((total, [name, size]) => (test(name) ? total + size : total), 0)
  return Math.round(bytes / 10.24) / 100
}

const entry = /src="\/assets\/([^"]+\.js)"/.exec(readFileSync(join(root, 'index.html'), 'utf8'))[1]
const first = withImports(entry)
const isOwn = (name) => name.endsWith('.js') && !name.startsWith('maplibre-gl')
const answer = {
  own_js_kb: sum((name) => isOwn(name) && first.has(name)),
  limit_kb: FIRST_LIMIT_KB,
  lazy_js_kb: sum((name) => isOwn(name) && !first.has(name)),
  lazy_limit_kb: LAZY_LIMIT_KB,
  maplibre_js_kb: sum((name) => name.startsWith('maplibre-gl') && name.endsWith('.js')),
  css_kb: sum((name) => name.endsWith('.css')),
  words_kb: sum((name) => name.endsWith('.json')),
  fonts_kb: sum((name) => name.endsWith('.woff2')),
  files,
}
console.log(JSON.stringify(answer, null, 1))
process.exitCode = answer.own_js_kb > FIRST_LIMIT_KB || answer.lazy_js_kb > LAZY_LIMIT_KB ? 1 : 0
