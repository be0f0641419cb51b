/** Weeks before and after. */
import { expect, test } from 'vitest'
import { weekFrom } from '../contract'

test('weeks go on over months and years', () => {
  expect(weekFrom('2026-12-28', 1)).toBe('2027-01-04')
  expect(weekFrom('2026-03-02', -1)).toBe('2026-02-23')
})
