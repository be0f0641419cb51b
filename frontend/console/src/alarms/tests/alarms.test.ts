/** The order of alarms and how news are merged. */
import { describe, expect, test } from 'vitest'
import type { Alarm, Priority } from '../../api/contract'
import { byUrgency, isOpen, merged } from '../alarms.svelte'

function alarm(id: string, priority: Priority, raised_at: string, more: Partial<Alarm> = {}): Alarm {
  return {
    id,
    type: 'lighting.lamp_out',
    trade: 'lighting',
    twin: 'urn:x',
    twin_name: 'x',
    twin_type: 'Streetlight',
    commune: '21231',
    street: null,
    lon: 5,
    lat: 47,
    priority,
    raised_at,
    cleared_at: null,
    acknowledged_at: null,
    acknowledged_by: null,
    evidence: {},
    version: 1,
    ...more,
  }
}

describe('order', () => {
  test('worst first, then newest', () => {
    const list = [
      alarm('a', 3, '2026-01-01T03:00Z'),
      alarm('b', 1, '2026-01-01T01:00Z'),
      alarm('c', 3, '2026-01-01T04:00Z'),
    ]
    expect(list.sort(byUrgency).map(({ id }) => id)).toEqual(['b', 'c', 'a'])
  })
  test('acknowledging moves nothing', () => {
    const before = [alarm('a', 2, '2026-01-01T03:00Z'), alarm('b', 2, '2026-01-01T02:00Z')]
    const after = before.map((one) => ({ ...one, acknowledged_at: '2026-01-01T05:00Z' }))
    expect(after.sort(byUrgency).map(({ id }) => id)).toEqual(['a', 'b'])
  })
})

describe('news', () => {
  const known = new Map([['a', alarm('a', 2, '2026-01-01T03:00Z', { version: 3 })]])
  test('an older version never wins', () => {
    expect(
      merged(known, [alarm('a', 2, '2026-01-01T03:00Z', { version: 2, acknowledged_at: 'x' })]).get('a')
        ?.version,
    ).toBe(3)
  })
  test('a cleared alarm stays until somebody took note', () => {
    const cleared = alarm('a', 2, '2026-01-01T03:00Z', { version: 4, cleared_at: '2026-01-01T04:00Z' })
    expect(isOpen(cleared)).toBe(true)
    expect(merged(known, [cleared]).size).toBe(1)
    expect(merged(known, [{ ...cleared, version: 5, acknowledged_at: 'x' }]).size).toBe(0)
  })
})
