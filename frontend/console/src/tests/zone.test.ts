/** The city's local times, also in the nights when the clocks change. */
import { expect, test } from 'vitest'
import { instantOf, localOf } from '../zone'

const PARIS = 'Europe/Paris'

test('winter and summer', () => {
  expect(instantOf('2026-01-10T22:00', PARIS)).toBe('2026-01-10T21:00:00.000Z')
  expect(instantOf('2026-07-10T22:00', PARIS)).toBe('2026-07-10T20:00:00.000Z')
  expect(localOf(Date.parse('2026-07-10T20:00:00Z'), PARIS)).toBe('2026-07-10T22:00')
})
test('the hour that comes twice is the first of the two', () => {
  expect(instantOf('2026-10-25T02:30', PARIS)).toBe('2026-10-25T00:30:00.000Z')
  const late = Date.parse('2026-10-25T00:45:00Z')
  expect(instantOf('2026-10-25T02:30', PARIS, late)).toBe('2026-10-25T01:30:00.000Z')
})
test('the hour that never comes is an hour later', () => {
  expect(instantOf('2026-03-29T02:30', PARIS)).toBe('2026-03-29T01:30:00.000Z')
  expect(localOf(Date.parse('2026-03-29T01:30:00Z'), PARIS)).toBe('2026-03-29T03:30')
})
test('what is no time is none', () => expect(instantOf('tomorrow', PARIS)).toBeNull())
