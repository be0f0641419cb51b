/** Filters of streets, hours of policies around midnight, and sums of a ledger. */
import { expect, test } from 'vitest'
import type { LedgerStreet, Street } from '../contract'
import { filterStreets, minutesOf, savedPct, timeOfDay, totalOf } from '../streets'

const street = (name: string, own: string, inferred: boolean): Street => ({
  street: name,
  street_class: 'residential',
  class: own,
  said: null,
  inferred,
  lights: 10,
  on_crossing: 2,
  classes: [own, 'C4'],
  floor_pct: 40,
  vehicles_per_day: null,
  counted_year: null,
})
const STREETS = [street('Rue de l’Église', 'P3', true), street('Avenue du Drapeau', 'M3', false)]
const NONE = { q: '', class: '', inferredOnly: false }

test('streets are found without accents, by class, by mark', () => {
  expect(filterStreets(STREETS, { ...NONE, q: ' eglise' })).toEqual([STREETS[0]])
  expect(filterStreets(STREETS, { ...NONE, class: 'M3' })).toEqual([STREETS[1]])
  expect(filterStreets(STREETS, { ...NONE, class: 'C4' })).toEqual(STREETS)
  expect(filterStreets(STREETS, { ...NONE, inferredOnly: true })).toEqual([STREETS[0]])
})

test.each([
  [1410, '23:30'],
  [0, '00:00'],
  [299, '04:59'],
])('minute %i of the day is %s, and back', (minutes, time) => {
  expect(timeOfDay(minutes)).toBe(time)
  expect(minutesOf(time)).toBe(minutes)
})

test('no time is no minute', () => {
  expect([minutesOf('24:00'), minutesOf('7:05'), minutesOf('')]).toEqual([null, null, null])
})

test('a ledger adds up, and nothing saved of nothing is no saving', () => {
  const line: LedgerStreet = {
    street: 'x',
    lights: 3,
    baseline_kwh: 100,
    led_kwh: 50,
    static_kwh: 35,
    adaptive_kwh: 20,
    static_under_min: 0,
    adaptive_under_min: 0,
  }
  expect(totalOf([line, line]).baseline_kwh).toBe(200)
  expect(savedPct(100, 20)).toBeCloseTo(80)
  expect(savedPct(0, 0)).toBe(0)
})
