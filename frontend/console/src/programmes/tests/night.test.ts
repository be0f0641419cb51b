/** Times around midnight, the nights when the clocks change, and what a profile does in a night. */
import { describe, expect, test } from 'vitest'
import type { Profile } from '../contract'
import { dayAfter, edgeMinute, fromNoon, hourMarks, nightOf, piecesOf, readTime, timeAt } from '../night'
import { sunTimes } from '../sun'

const ZONE = 'Europe/Paris'
const SUN = { sunset: 300, dusk: 330, sunrise: 1200, dawn: 1170 }
const edge = (sun: 'sunset' | 'sunrise', more = {}) => ({
  sun,
  offset_min: 0,
  not_before: null,
  not_after: null,
  ...more,
})
const profile = (more: Partial<Profile> = {}): Profile => ({
  on: edge('sunset'),
  off: edge('sunrise'),
  level_pct: 100,
  steps: [],
  off_hours: [],
  ...more,
})

describe('times of a night', () => {
  test.each([
    ['12:00', 0],
    ['23:59', 719],
    ['00:00', 720],
    ['01:00', 780],
    ['11:59', 1439],
  ])('%s is %i minutes after noon, and back', (time, minute) => {
    expect(fromNoon(time)).toBe(minute)
    expect(timeAt(minute)).toBe(time)
  })
  test('what is dragged out of the night stays at its border', () => {
    expect([timeAt(-30), timeAt(5000)]).toEqual(['12:00', '11:59'])
  })
  test.each([
    ['23:30', '23:30'],
    ['2330', '23:30'],
    ['7h05', '07:05'],
    ['730', '07:30'],
    ['23', '23:00'],
    ['0 h', '00:00'],
    ['24:00', null],
    ['12:60', null],
    ['soir', null],
    ['', null],
  ])('%j is understood as %j', (text, time) => {
    expect(readTime(text)).toBe(time)
  })
  test('after midnight it is still the night of the evening', () => {
    expect(nightOf(Date.parse('2026-12-25T00:30:00Z'), ZONE)).toBe('2026-12-24')
    expect(nightOf(Date.parse('2026-12-24T10:59:00Z'), ZONE)).toBe('2026-12-23')
    expect(nightOf(Date.parse('2026-12-24T11:00:00Z'), ZONE)).toBe('2026-12-24')
    expect(dayAfter('2026-12-31', 1)).toBe('2027-01-01')
  })
})

describe('hours of a night', () => {
  const labels = (from: string, until: string) =>
    hourMarks(from, until, ZONE).map(({ label, again }) => label + (again ? '+' : ''))
  test('in autumn two o’clock comes twice, and the second says so', () => {
    const marks = labels('2026-10-24T10:00:00Z', '2026-10-25T11:00:00Z')
    expect(marks).toHaveLength(26)
    expect(marks.filter((label) => label.startsWith('02'))).toEqual(['02:00', '02:00+'])
  })
  test('in spring there is no two o’clock', () => {
    const marks = labels('2026-03-28T11:00:00Z', '2026-03-29T10:00:00Z')
    expect(marks).toHaveLength(24)
    expect(marks).not.toContain('02:00')
  })
  test('an ordinary night has 24 hours', () => {
    expect(labels('2026-12-24T11:00:00Z', '2026-12-25T11:00:00Z')).toHaveLength(25)
  })
})

describe('what a profile does', () => {
  test('on, steps across midnight, off', () => {
    const steps = [
      { from: '01:00', level_pct: 35 },
      { from: '22:00', level_pct: 60 },
    ]
    expect(piecesOf(profile({ steps }), SUN)).toEqual([
      { from: 300, until: 600, level: 100 },
      { from: 600, until: 780, level: 60 },
      { from: 780, until: 1200, level: 35 },
    ])
  })
  test('switch-off hours make it dark, afterwards the step of that hour goes on', () => {
    const steps = [{ from: '22:00', level_pct: 50 }]
    const off_hours = [{ from: '23:30', until: '05:00' }]
    expect(piecesOf(profile({ steps, off_hours }), SUN)).toEqual([
      { from: 300, until: 600, level: 100 },
      { from: 600, until: 690, level: 50 },
      { from: 690, until: 1020, level: 0 },
      { from: 1020, until: 1200, level: 50 },
    ])
  })
  test('a step before the lights are on gives the first level', () => {
    expect(piecesOf(profile({ steps: [{ from: '16:00', level_pct: 'floor' }] }), SUN)).toEqual([
      { from: 300, until: 1200, level: 'floor' },
    ])
  })
  test('an edge follows the sun between its bounds', () => {
    expect(edgeMinute(edge('sunset', { offset_min: -20 }), SUN)).toBe(280)
    expect(edgeMinute(edge('sunset', { not_before: '18:00' }), SUN)).toBe(360)
    expect(edgeMinute(edge('sunset', { not_after: '16:30' }), SUN)).toBe(270)
  })
  test('where off comes before on, the night stays dark', () => {
    expect(piecesOf(profile({ on: edge('sunset', { not_before: '11:00' }) }), SUN)).toEqual([])
  })
})

describe('the sun over Dijon, within three minutes of astral', () => {
  test.each([
    ['2026-12-21', '16:52', '08:25'],
    ['2026-06-21', '21:40', '05:44'],
    ['2026-10-24', '18:36', '07:13'],
  ])('night of %s', (night, sunset, sunrise) => {
    const sun = sunTimes(night, 5.0415, 47.3215, ZONE)
    expect(Math.abs(sun.sunset - fromNoon(sunset))).toBeLessThanOrEqual(3)
    expect(Math.abs(sun.sunrise - fromNoon(sunrise))).toBeLessThanOrEqual(3)
    expect(sun.dusk).toBeGreaterThan(sun.sunset)
    expect(sun.dawn).toBeLessThan(sun.sunrise)
  })
})
