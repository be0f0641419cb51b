/** The back-off of the live link. */
import { expect, test } from 'vitest'
import { backOffMs } from '../live'

test('the first attempt comes within half a second, later ones wait longer, never above ten seconds', () => {
  expect(backOffMs(0, 1)).toBeLessThan(500)
  expect(backOffMs(3, 0.5)).toBeGreaterThan(backOffMs(1, 0.5))
  expect(backOffMs(50, 1)).toBeLessThanOrEqual(10_000)
})

test('two screens do not come back at the same moment', () => {
  expect(backOffMs(2, 0.1)).not.toBe(backOffMs(2, 0.9))
})
