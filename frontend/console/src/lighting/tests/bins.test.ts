/** Every light falls into one bin, what is not known into the grey one. */
import { describe, expect, test } from 'vitest'
import { AGE_YEARS, ages, binByClass, binByEdges, binByProgramme, POWER_W } from '../bins'
import { decodeMode, type ModeHead } from '../contract'
import { lookOf } from '../looks'

const head = (choices: string[]): ModeHead => ({
  mode: 'class',
  unit: '',
  choices,
  unknown: 0,
  inferred: 0,
  since_day: null,
  until_day: null,
})

describe('edges', () => {
  test('off, in between, more; NaN is unknown', () => {
    const { bins, of } = binByEdges([0, 19.9, 20, 500, NaN], POWER_W, 'W')
    expect([...of]).toEqual([1, 2, 3, 6, 0])
    expect(bins.map(({ count }) => count)).toEqual([1, 1, 1, 1, 0, 0, 1])
    expect(bins[1]!.values).toEqual({ to: 0.5, unit: 'W' })
  })
  test('no two bins share a shape', () => {
    const shapes = binByEdges([], POWER_W, 'W')
      .bins.slice(1)
      .map(({ shape }) => shape)
    expect(new Set(shapes).size).toBe(shapes.length)
  })
  test('ages from years of installation', () => {
    expect([...ages([2020, null, 0, 2026], 2026)]).toEqual([6, NaN, NaN, 0])
    expect([...binByEdges(ages([2020, null], 2026), AGE_YEARS, '').of]).toEqual([2, 0])
  })
})

describe('choices', () => {
  test('classes by family; an unknown class is unknown', () => {
    const { of, bins } = binByClass({
      head: head(['M3', 'C5', 'P7', 'X9']),
      values: Float32Array.of(0, 1, 2, 3, NaN),
    })
    expect([...of].map((bin) => bins[bin]!.values?.['from'])).toEqual([
      'M3',
      'C3',
      'P5',
      undefined,
      undefined,
    ])
  })
  test('the rest of many programmes stands together', () => {
    const names = Array.from({ length: 12 }, (_, k) => `p${k}`)
    const { of, bins } = binByProgramme({ head: head(names), values: Float32Array.from(names, (_, k) => k) })
    expect(bins).toHaveLength(9)
    expect(bins[8]).toMatchObject({ values: { n: 5 }, count: 5 })
    expect([...of].slice(0, 8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })
})

test('a column is read as it was written', () => {
  const text = new TextEncoder().encode(JSON.stringify(head(['a'])).padEnd(120))
  const bytes = new Uint8Array(8 + 120 + 8)
  bytes.set(new TextEncoder().encode('ODM1'))
  new DataView(bytes.buffer).setUint32(4, 120, true)
  bytes.set(text, 8)
  bytes.set(new Uint8Array(Float32Array.of(1.5, NaN).buffer), 128)
  const { head: read, values } = decodeMode(bytes.buffer)
  expect(read.choices).toEqual(['a'])
  expect([...values]).toEqual([1.5, NaN])
})

test('the ramp can be read by lightness alone, in both themes', () => {
  const light = ([r, g, b]: number[]) => 0.2126 * r! ** 2.2 + 0.7152 * g! ** 2.2 + 0.0722 * b! ** 2.2
  for (const theme of ['dark', 'light'] as const) {
    const { bins } = binByEdges([], AGE_YEARS, '')
    const lights = lookOf(bins, theme).colors.slice(1, 7).map(light)
    const sign = theme === 'dark' ? 1 : -1
    for (let k = 1; k < lights.length; k++) expect(sign * (lights[k]! - lights[k - 1]!)).toBeGreaterThan(0.01)
  }
})
