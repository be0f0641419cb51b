/** Filters and order of the asset table. */
import { describe, expect, test } from 'vitest'
import { fourLights } from '../../twins/tests/made'
import { cellOf, filterRows, fold, isLive, isOpenTo, NO_CRITERIA, sortRows } from '../rows'

const nobody = new Set<number>()
const filter = (more: Partial<typeof NO_CRITERIA>, held: Set<number> = nobody) => [
  ...filterRows(fourLights(), { ...NO_CRITERIA, ...more }, held, 1000),
]

describe('filters', () => {
  test('no filter leaves every twin', () => {
    expect(filter({})).toEqual([0, 1, 2, 3])
  })
  test('a search needs neither accents nor capitals, and every word must match', () => {
    expect(filter({ text: 'chenove' })).toEqual([2])
    expect(filter({ text: 'l-1 MONGE' })).toEqual([0])
    expect(filter({ text: 'l-2 monge' })).toEqual([])
  })
  test('commune, fault and hold narrow together', () => {
    expect(filter({ commune: 1 })).toEqual([2, 3])
    expect(filter({ held: true }, new Set([1, 2]))).toEqual([1, 2])
    expect(filter({ held: true, commune: 1 }, new Set([1, 2]))).toEqual([2])
    expect(filter({ faulty: true })).toEqual([])
  })
  test('a twin never heard of counts as old', () => {
    expect(filter({ stale: true })).toEqual([0, 1, 2, 3])
  })
  test('levels fall into bands', () => {
    expect([0, 40, 100].map((level) => isOpenTo(level, 'reduced'))).toEqual([false, true, false])
    expect([0, 40, 100].map((level) => isOpenTo(level, 'off'))).toEqual([true, false, false])
    expect([0, 40, 100].map((level) => isOpenTo(level, 'full'))).toEqual([false, false, true])
  })
  test('only criteria on live values ask to be refreshed', () => {
    expect(isLive({ ...NO_CRITERIA, text: 'x', commune: 2 })).toBe(false)
    expect(isLive({ ...NO_CRITERIA, faulty: true })).toBe(true)
  })
})

describe('order', () => {
  const all = Uint32Array.of(0, 1, 2, 3)
  test('rows without a value come last, up or down', () => {
    expect([...sortRows(fourLights(), all, { key: '@name', down: false })]).toEqual([0, 1, 2, 3])
    expect([...sortRows(fourLights(), all, { key: '@name', down: true })]).toEqual([2, 1, 0, 3])
  })
  test('attributes sort too', () => {
    expect([...sortRows(fourLights(), all, { key: 'lamp', down: false })]).toEqual([1, 2, 0, 3])
  })
})

test('a cell is read from the live column, the table or the position', () => {
  const columns = fourLights()
  expect(cellOf(columns, 'lamp', 0)).toBe('sodium')
  expect(cellOf(columns, '@commune', 2)).toBe(1)
  expect(cellOf(columns, 'level_pct', 0)).toBeNaN()
  expect(cellOf(columns, '@street', 1)).toBeNull()
})

test('folding drops accents', () => {
  expect(fold('Fontaine-lès-Dijon ÉÀ')).toBe('fontaine-les-dijon ea')
})
