/** Editing a rule by its handles, keys made from names, and changes told in words. */
import { describe, expect, test } from 'vitest'
import { blankContent, blankRule, keyOf, levelAfter, whole } from '../content'
import type { Content } from '../contract'
import { kindOf, valueText, wordsOf } from '../diff'
import { handlesOf, move, remove } from '../handles'

const SUN = { sunset: 300, dusk: 330, sunrise: 1200, dawn: 1170 }
const rule = () => {
  const one = blankRule('commune', '2026-12-24')
  one.profile.steps = [{ from: '22:30', level_pct: 60 }]
  one.profile.off_hours = [{ from: '23:30', until: '05:00' }]
  return one
}
const of = (one: ReturnType<typeof rule>, kind: string) =>
  handlesOf(one, SUN).find((handle) => handle.kind === kind)!

describe('handles', () => {
  test('stand in the order of the night', () => {
    expect(handlesOf(rule(), SUN).map(({ kind }) => kind)).toEqual([
      'on',
      'step',
      'off_from',
      'off_until',
      'off',
    ])
  })
  test('a step moves across midnight and up', () => {
    const one = rule()
    move(one, of(one, 'step'), { minutes: 120, level: 5 })
    expect(one.profile.steps).toEqual([{ from: '00:30', level_pct: 65 }])
  })
  test('an edge moves its offset, at most two hours', () => {
    const one = rule()
    move(one, of(one, 'on'), { minutes: -15, level: -40 })
    expect([one.profile.on.offset_min, one.profile.level_pct]).toEqual([-15, 60])
    move(one, of(one, 'off'), { minutes: 500, level: 0 })
    expect(one.profile.off.offset_min).toBe(120)
  })
  test('switch-off hours never end before they begin', () => {
    const one = rule()
    move(one, of(one, 'off_until'), { minutes: -400, level: 0 })
    expect(one.profile.off_hours).toEqual([{ from: '23:30', until: '05:00' }])
    move(one, of(one, 'off_from'), { minutes: 30, level: 0 })
    expect(one.profile.off_hours).toEqual([{ from: '00:00', until: '05:00' }])
  })
  test('steps and hours can be taken away, the night itself cannot', () => {
    const one = rule()
    remove(one, of(one, 'off_until'))
    remove(one, of(one, 'step'))
    remove(one, of(one, 'on'))
    expect(handlesOf(one, SUN).map(({ kind }) => kind)).toEqual(['on', 'off'])
  })
  test('a special evening has its two ends', () => {
    const one = blankRule('special', '2026-12-24')
    expect(one.calendar.dates).toEqual(['2026-12-24'])
    move(one, of(one, 'until'), { minutes: 30, level: 0 })
    expect(one.interval).toEqual({ from: '20:00', until: '01:00' })
  })
})

test('keys are made of names', () => {
  expect(keyOf('Chenôve : nuit d’été !')).toBe('chenove-nuit-d-ete')
  expect(keyOf('x'.repeat(80))).toHaveLength(48)
  expect(blankContent('21166', '2026-12-24').scope).toEqual({ kind: 'communes', communes: ['21166'] })
})

test('what the post left out is filled in', () => {
  const sparse = {
    key: 'x',
    names: { fr: 'x', en: 'x' },
    layer: 'exception',
    scope: { kind: 'classes', classes: ['P3'] },
    rules: [{ calendar: { days: ['mon'] }, profile: { level_pct: 80 } }],
  } as unknown as Content
  const { priority, scope, rules } = whole(sparse)
  expect([priority, scope]).toEqual([0, { kind: 'classes', classes: ['P3'], communes: [] }])
  expect(rules[0]).toEqual({
    calendar: { ranges: [], days: ['mon'], dates: [], except_dates: [] },
    profile: { ...blankRule('commune', '').profile, level_pct: 80 },
    interval: null,
  })
})

test('levels stay between dark and full; the floor becomes a number when it is moved', () => {
  expect([levelAfter(98, 5), levelAfter(3, -5), levelAfter('floor', 5)]).toEqual([100, 0, 25])
})

describe('differences', () => {
  test('a path is words and places that count from one', () => {
    expect(wordsOf('rules.0.profile.steps.1.level_pct')).toEqual([
      { key: 'rules', n: 1 },
      { key: 'steps', n: 2 },
      { key: 'level_pct', n: null },
    ])
    expect(wordsOf('scope.communes.0')).toEqual([
      { key: 'scope', n: null },
      { key: 'communes', n: null },
    ])
  })
  test('what comes, what goes, what changes', () => {
    const line = (before: unknown, after: unknown) => kindOf({ path: '', before, after })
    expect([line(null, 1), line(1, null), line(1, 2)]).toEqual(['added', 'removed', 'changed'])
  })
  test('values are said on one line', () => {
    expect(valueText({ from: '23:30', until: '05:00' })).toBe('23:30–05:00')
    expect(valueText([{ from: '22:30', level_pct: 60 }])).toBe('22:30 60')
    expect(valueText({ sun: 'sunset', offset_min: 10, not_before: null, not_after: null })).toBe(
      'sunset · 10',
    )
    expect(valueText(null)).toBe('—')
  })
})
