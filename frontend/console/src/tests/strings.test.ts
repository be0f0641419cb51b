/** The console's own words: the same keys in both languages, and every key that the code names exists. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import en from '../strings.en.json'
import fr from '../strings.fr.json'

const ROOT = join(import.meta.dirname, '..')
const sources = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(svelte|ts)$/.test(name) && !name.includes('tests'))
  .map((name) => readFileSync(join(ROOT, name), 'utf8'))
  .join('\n')

function named(pattern: RegExp): string[] {
  return [...new Set([...sources.matchAll(pattern)].map((match) => match[1]!))]
}

const slots = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

describe('own words', () => {
  test('French and English have the same keys, sorted', () => {
    expect(Object.keys(fr)).toEqual(Object.keys(en))
    expect(Object.keys(fr)).toEqual(Object.keys(fr).toSorted())
  })
  test('both languages fill the same slots', () => {
    for (const [key, text] of Object.entries(fr)) {
      expect(slots(text), key).toEqual(slots((en as Record<string, string>)[key]!))
    }
  })
  test('every key that the code names exists', () => {
    const missing = named(/\bt\('([\w.]+)'/g).filter((key) => !(key in fr))
    const counted = named(/\btn\('([\w.]+)'/g).flatMap((key) => [`${key}.one`, `${key}.other`])
    expect([...missing, ...counted.filter((key) => !(key in fr))]).toEqual([])
  })
  test('every family of keys that the code builds has members', () => {
    const families = named(/\btn?\(`([\w.]+)\$\{/g)
    expect(families.length).toBeGreaterThan(5)
    expect(families.filter((start) => !Object.keys(fr).some((key) => key.startsWith(start)))).toEqual([])
  })
})
