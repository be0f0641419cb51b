/** What the page says of a disk, and of what it does not know. */
import { expect, test } from 'vitest'
import { forecastOf, jobAge, shedCount, type Disk } from '../contract'

const disk: Disk = {
  name: 'home',
  free_bytes: 10,
  total_bytes: 20,
  measured_h: 48,
  growth_bytes_a_day: 5,
  full_in_days: 2,
  host: '',
}

test('a disk fills soon, later, not at all, or nobody knows yet', () => {
  expect(forecastOf(disk)).toBe('soon')
  expect(forecastOf({ ...disk, full_in_days: 7 })).toBe('later')
  expect(forecastOf({ ...disk, growth_bytes_a_day: -3, full_in_days: null })).toBe('steady')
  expect(forecastOf({ ...disk, growth_bytes_a_day: null, full_in_days: null })).toBe('unknown')
})

test('a job that never ran has no age', () => {
  const record = {
    jobs: [{ key: 'erase_due', begun_age_s: null, failures: 0 }],
    archived_day: null,
    shed_24h: 0,
  }
  expect(jobAge(record, 'erase_due')).toBeNull()
  expect(jobAge(record, 'archive_readings')).toBeNull()
})

test('what was shed is counted over all kinds', () => {
  expect(shedCount({ Streetlight: 1200, Cabinet: 3 })).toBe(1203)
})
