/** The order of cards, how news are merged, what calls somebody to the screen. */
import { describe, expect, test } from 'vitest'
import type { Card, Priority } from '../../api/contract'
import { byUrgency, isNews, isShown, merged } from '../cards.svelte'
import { cardOf } from './made'

const at = (id: string, priority: Priority, raised_at: string, more: Partial<Card> = {}) =>
  cardOf(id, { priority, raised_at, ...more })

describe('order', () => {
  test('worst first, then newest', () => {
    const list = [
      at('a', 3, '2026-01-01T03:00Z'),
      at('b', 1, '2026-01-01T01:00Z'),
      at('c', 3, '2026-01-01T04:00Z'),
    ]
    expect(list.sort(byUrgency).map(({ id }) => id)).toEqual(['b', 'c', 'a'])
  })
  test('acknowledging moves nothing', () => {
    const before = [at('a', 2, '2026-01-01T03:00Z'), at('b', 2, '2026-01-01T02:00Z')]
    const after = before.map((one) => ({ ...one, unacknowledged: 0, acknowledged_at: '2026-01-01T05:00Z' }))
    expect(after.sort(byUrgency).map(({ id }) => id)).toEqual(['a', 'b'])
  })
})

describe('news', () => {
  const known = new Map([['a', cardOf('a', { version: 3 })]])
  test('an older version never wins', () => {
    expect(merged(known, [cardOf('a', { version: 2, unacknowledged: 0 })]).get('a')?.version).toBe(3)
  })
  test('a cleared card stays until somebody took note', () => {
    const cleared = cardOf('a', { version: 4, active: 0, cleared_at: '2026-01-01T04:00Z' })
    expect(merged(known, [cleared]).size).toBe(1)
    expect(merged(known, [{ ...cleared, version: 5, unacknowledged: 0 }]).size).toBe(0)
  })
  test('a latched card stays though it is cleared and seen', () => {
    expect(isShown(cardOf('a', { active: 0, unacknowledged: 0, latched: true }))).toBe(true)
  })
  test('what is put aside leaves the list, and comes back', () => {
    const shelved = { id: 's', until: '', reason: '', owner: '', cause: 'operator', times_raised: 0 }
    const without = merged(known, [cardOf('a', { version: 4, shelved })])
    expect(without.size).toBe(0)
    expect(merged(without, [cardOf('a', { version: 5 })]).size).toBe(1)
  })
  test('a new card calls, a card that grows does not call again, one raised again after it was seen does', () => {
    expect(isNews(cardOf('a'), undefined)).toBe(true)
    expect(isNews(cardOf('a', { members: 9 }), cardOf('a'))).toBe(false)
    expect(isNews(cardOf('a'), cardOf('a', { unacknowledged: 0, acknowledged_at: 'x' }))).toBe(true)
    expect(isNews(cardOf('a', { active: 0 }), undefined)).toBe(false)
  })
})
