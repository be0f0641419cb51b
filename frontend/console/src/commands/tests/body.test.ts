/** From fields to a command body and back to words. */
import { describe, expect, test } from 'vitest'
import type { Field, Trade } from '../../api/contract'
import { fieldFault, findCommand, findRelease, makeBody, secondsPer, startPayload } from '../body'

const LEVEL: Field = {
  key: 'level_pct',
  kind: 'number',
  unit: '%',
  min: 0,
  max: 100,
  step: 5,
  default: 60,
  choices: [],
}
const STATE: Field = { ...LEVEL, key: 'state', kind: 'choice', default: null, choices: ['on', 'off'] }
const HOLD: Field = {
  ...LEVEL,
  key: 'hold_s',
  kind: 'duration',
  unit: 's',
  min: 60,
  max: 86_400,
  default: 3600,
  optional: true,
}
const TRADES: Trade[] = [
  {
    trade: 'lighting',
    twin_types: [],
    alarms: [],
    commands: ['dim_streetlights', 'release_streetlights'].map((name) => ({
      key: `lighting.${name}`,
      twin_types: ['Streetlight'],
      label: '',
      fields: [],
      risk_class: 0,
      shortcut: null,
    })),
  },
]

describe('fields', () => {
  test('a form starts from the defaults', () => {
    expect(startPayload([LEVEL, STATE, HOLD])).toEqual({ level_pct: 60, state: 'on', hold_s: 3600 })
  })
  test('values out of bounds are told before anything is sent', () => {
    expect(fieldFault(LEVEL, 120)).toBe('field.too_high')
    expect(fieldFault(LEVEL, -1)).toBe('field.too_low')
    expect(fieldFault(LEVEL, NaN)).toBe('field.number')
    expect(fieldFault(LEVEL, 60)).toBeNull()
    expect(fieldFault(STATE, 'dim')).toBe('field.choose')
  })
  test('an optional field may stay empty and is then left out', () => {
    expect(fieldFault(HOLD, '')).toBeNull()
    expect(makeBody('k', { kind: 'all' }, { level_pct: 0, hold_s: '' }, '', 'id').payload).toEqual({
      level_pct: 0,
    })
  })
  test('durations come in the unit of their field', () => {
    expect([secondsPer('s'), secondsPer('min'), secondsPer('h'), secondsPer(null)]).toEqual([1, 60, 3600, 1])
  })
})

test('commands and their release are found by key', () => {
  expect(findCommand(TRADES, 'lighting.dim_streetlights')?.trade).toBe('lighting')
  expect(findCommand(TRADES, 'lighting.nothing')).toBeNull()
  expect(findRelease(TRADES, 'lighting', 'Streetlight')?.key).toBe('lighting.release_streetlights')
  expect(findRelease(TRADES, 'lighting', 'Bollard')).toBeNull()
})
