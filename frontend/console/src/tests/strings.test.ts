/** The words of the console and of its parts: the same keys in both languages, and every key that the code names exists. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

type Catalogue = Record<string, string>
const ROOT = join(import.meta.dirname, '..')
const folders = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'tests')
  .map((entry) => entry.name)
const withWords = ['', ...folders].filter((folder) => existsSync(join(ROOT, folder, 'strings.fr.json')))
const read = (folder: string, lang: string) =>
  JSON.parse(readFileSync(join(ROOT, folder, `strings.${lang}.json`), 'utf8')) as Catalogue
const french = Object.fromEntries(withWords.map((folder) => [folder, read(folder, 'fr')]))
const everything: Catalogue = Object.assign({}, ...Object.values(french)) as Catalogue

/** What the code of a folder may name: the main catalogue and, in a part, its own words. */
function catalogueOf(folder: string): Catalogue {
  return { ...french[''], ...french[folder] }
}

function sourcesOf(folder: string): string {
  const names =
    folder === ''
      ? readdirSync(ROOT, { encoding: 'utf8' })
      : readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => /\.(svelte|ts)$/.test(name) && !name.includes('tests'))
    .map((name) => readFileSync(join(ROOT, folder, name), 'utf8'))
    .join('\n')
}

function named(sources: string, pattern: RegExp): string[] {
  return [...new Set([...sources.matchAll(pattern)].map((match) => match[1]!))]
}

const slots = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

describe.each(withWords)('words of %j', (folder) => {
  const [fr, en] = [french[folder]!, read(folder, 'en')]
  test('French and English have the same keys, sorted', () => {
    expect(Object.keys(fr)).toEqual(Object.keys(en))
    expect(Object.keys(fr)).toEqual(Object.keys(fr).toSorted())
  })
  test('both languages fill the same slots', () => {
    for (const [key, text] of Object.entries(fr)) expect(slots(text), key).toEqual(slots(en[key]!))
  })
})

test('no key stands in two catalogues', () => {
  const keys = Object.values(french).flatMap((catalogue) => Object.keys(catalogue))
  expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([])
})

describe.each(['', ...folders])('keys named in %j', (folder) => {
  const sources = sourcesOf(folder)
  test('every key exists', () => {
    const known = catalogueOf(folder)
    const missing = named(sources, /\bt\('([\w.]+)'/g).filter((key) => !(key in known))
    const counted = named(sources, /\btn\('([\w.]+)'/g).flatMap((key) => [`${key}.one`, `${key}.other`])
    expect([...missing, ...counted.filter((key) => !(key in known))]).toEqual([])
  })
  test('every family of keys that the code builds has members', () => {
    const families = named(sources, /\btn?\(`([\w.]+)\$\{/g)
    expect(
      families.filter((start) => !Object.keys(catalogueOf(folder)).some((key) => key.startsWith(start))),
    ).toEqual([])
  })
})

test('something is found at all', () => {
  expect(Object.keys(everything).length).toBeGreaterThan(300)
  expect(named(folders.map(sourcesOf).join(''), /\btn?\(`([\w.]+)\$\{/g).length).toBeGreaterThan(5)
})
