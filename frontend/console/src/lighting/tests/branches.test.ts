/** A cabinet as rows of a tree, and the lights below each. */
import { expect, test } from 'vitest'
import { lightsOf, parentOf, rowsOf } from '../branches'
import type { Cabinet, TreeLight } from '../contract'
import { within } from '../filters.svelte'

const light = (id: string, fault = 0): TreeLight => ({
  id,
  name: id,
  street: null,
  at_m: 0,
  level_pct: 50,
  asked_w: 10,
  drawn_w: 9,
  fault,
  held: false,
  age_s: 1,
})
const sums = { asked_w: 0, drawn_w: 0, faults: 0, imbalance_pct: null }
const CABINET = {
  ...sums,
  id: 'urn:cab',
  name: 'A1',
  lights: 3,
  circuits: [
    {
      ...sums,
      key: '1',
      inferred: true,
      lights: 3,
      phases: [
        { ...sums, key: 'L1', lights: [light('urn:a/b'), light('urn:c', 3)] },
        { ...sums, key: 'L2', lights: [light('urn:d')] },
      ],
    },
  ],
} as unknown as Cabinet

test('only open branches show what is below', () => {
  expect(rowsOf(CABINET, new Set()).map(({ path }) => path)).toEqual([''])
  const rows = rowsOf(CABINET, new Set(['', '1', '1/L1']))
  expect(rows.map(({ path }) => path)).toEqual(['', '1', '1/L1', '1/L1/urn:a/b', '1/L1/urn:c', '1/L2'])
  expect(rows.map(({ level, at, of }) => [level, at, of])).toEqual([
    [1, 1, 1],
    [2, 1, 1],
    [3, 1, 2],
    [4, 1, 2],
    [4, 2, 2],
    [3, 2, 2],
  ])
})

test('a branch means its lights, a light itself, whatever stands in its name', () => {
  const ids = (path: string) => lightsOf(CABINET, path).map(({ id }) => id)
  expect(ids('')).toEqual(['urn:a/b', 'urn:c', 'urn:d'])
  expect(ids('1')).toEqual(['urn:a/b', 'urn:c', 'urn:d'])
  expect(ids('1/L2')).toEqual(['urn:d'])
  expect(ids('1/L1/urn:a/b')).toEqual(['urn:a/b'])
  expect(['1/L1/urn:a/b', '1/L1', '1', ''].map(parentOf)).toEqual(['1/L1', '1', '', null])
})

test('a range with open ends; what is unknown is in none', () => {
  expect(within(null, null, null)).toBe(true)
  expect([within(5, 5, 10), within(10, null, 10), within(11, 5, 10), within(5, 6, null)]).toEqual([
    true,
    true,
    false,
    false,
  ])
  expect([within(null, 0, null), within(NaN, 0, null)]).toEqual([false, false])
})
