/** Columns follow frames by row, and packing tells the map what changed. */
import { describe, expect, test } from 'vitest'
import type { Frame } from '../../api/frames'
import { emptyOverlay, FLAG_HELD, FLAG_STALE, LEVEL_UNKNOWN, packStates } from '../packing'
import { fourLights, LIGHT } from './made'

function frame(rows: number[], values: number[], observedS = 1000): Frame {
  return {
    full: false,
    typeIndex: 0,
    propertyIndex: 0,
    epochS: 1000,
    row: Uint32Array.from(rows),
    value: Float32Array.from(values),
    observedS: new Uint32Array(rows.length).fill(observedS),
    quality: new Uint8Array(rows.length),
  }
}

const [LEVEL, HEALTH, CONTROL] = LIGHT.properties as [
  (typeof LIGHT.properties)[0],
  (typeof LIGHT.properties)[0],
  (typeof LIGHT.properties)[0],
]

describe('columns', () => {
  test('a frame is written by row and tells the span that it touched', () => {
    const columns = fourLights()
    expect(columns.apply(frame([14, 12], [80, 40]), LEVEL)).toEqual({ from: 1, to: 2 })
    expect(columns.live.get('level_pct')!.value[2]).toBe(80)
    expect(columns.live.get('level_pct')!.value[1]).toBe(40)
    expect(columns.live.get('level_pct')!.value[0]).toBeNaN()
  })
  test('rows that the person may not see are left out', () => {
    const columns = fourLights()
    expect(columns.apply(frame([11, 5000], [1, 2]), LEVEL)).toBeNull()
  })
  test('the table joins by row, not by order', () => {
    const columns = fourLights()
    expect(columns.idOf(0)).toBe('urn:a')
    expect(columns.nameOf(2)).toBe('L-3')
    expect(columns.findIndex('urn:b')).toBe(1)
    expect(columns.idOf(3)).toBeNull()
    expect(columns.findIndex('urn:hidden')).toBe(-1)
  })
})

describe('packing', () => {
  function packed(nowS: number, prepare: (columns: ReturnType<typeof fourLights>) => void) {
    const columns = fourLights()
    prepare(columns)
    const out = new Uint8Array(16)
    const changed = packStates(columns, emptyOverlay(4), out, 0, 3, nowS)
    return { out, changed, columns }
  }

  test('level, staleness, manual mode and fault each have their byte', () => {
    const { out } = packed(1200, (columns) => {
      columns.apply(frame([10, 12, 14], [100, 50, 0]), LEVEL)
      columns.apply(frame([12], [2]), HEALTH)
      columns.apply(frame([14], [1]), CONTROL)
    })
    expect([...out.slice(0, 3)]).toEqual([254, 0, 0])
    expect([...out.slice(4, 7)]).toEqual([127, 0, 2])
    expect([...out.slice(8, 11)]).toEqual([0, FLAG_HELD, 0])
    expect([...out.slice(12, 15)]).toEqual([LEVEL_UNKNOWN, FLAG_STALE, 0])
  })
  test('a value older than its limit is stale', () => {
    const { out } = packed(1301, (columns) => columns.apply(frame([10], [100]), LEVEL))
    expect(out[1]).toBe(FLAG_STALE)
  })
  test('a report that says the same changes nothing', () => {
    const { out, columns, changed } = packed(1200, (c) => c.apply(frame([10], [60]), LEVEL))
    expect(changed).toBe(true)
    columns.apply(frame([10], [60], 1100), LEVEL)
    expect(packStates(columns, emptyOverlay(4), out, 0, 3, 1200)).toBe(false)
  })
})
