/** Clocks between two answers, types found by typing, mentions, the list's question. */
import { describe, expect, test } from 'vitest'
import type { IncidentType, SlaClock } from '../contract'
import { NO_FILTERS, queryOf } from '../list.svelte'
import { mentionAt, mentionsIn } from '../mentions'
import { leftS, stateNow, usedShare } from '../sla'
import { matching } from '../types.svelte'

const NOW = Date.parse('2026-11-22T20:00:00Z') / 1000
const sla = (more: Partial<SlaClock>): SlaClock => ({
  limit_s: 3600,
  used_s: 600,
  due_at: '2026-11-22T20:30:00Z',
  state: 'running',
  ...more,
})

describe('a clock against a promise', () => {
  test('runs on between two answers, and out', () => {
    expect(leftS(sla({}), NOW)).toBe(1800)
    expect(usedShare(sla({}), NOW)).toBe(0.5)
    expect(stateNow(sla({}), NOW + 1801)).toBe('breached')
    expect(leftS(sla({}), NOW + 1860)).toBe(-60)
    expect(usedShare(sla({}), NOW + 9999)).toBe(1)
  })
  test('stands still while paused and once it is kept', () => {
    const paused = sla({ state: 'paused', due_at: null })
    expect(leftS(paused, NOW)).toBeNull()
    expect(usedShare(paused, NOW + 9999)).toBeCloseTo(1 / 6)
    expect(stateNow(sla({ state: 'met', due_at: null }), NOW + 9999)).toBe('met')
  })
})

describe('types by typing', () => {
  const type = (key: string, fr: string, hint: string): IncidentType => ({
    key,
    trade: key.split('.')[0]!,
    severity: 3,
    respond_s: 1,
    resolve_s: 2,
    fr,
    en: fr,
    services: [],
    hint: { fr: hint, en: hint },
    questions: [],
    card_types: [],
  })
  const list = [
    type('lighting.street_dark', 'Rue dans le noir', 'Plusieurs lampes voisines éteintes'),
    type('lighting.lamp_out', 'Lampe éteinte', 'Un ou deux points lumineux'),
    type('water.leak', 'Fuite d’eau', 'Sur la voie'),
  ]
  const found = (text: string) => matching(list, text, 'fr', (trade) => trade).map(({ key }) => key)
  test('names first, accents and order do not matter', () => {
    expect(found('lamp')).toEqual(['lighting.lamp_out', 'lighting.street_dark'])
    expect(found('eteinte lampe')).toEqual(['lighting.lamp_out', 'lighting.street_dark'])
    expect(found('eau')).toEqual(['water.leak'])
    expect(found('')).toHaveLength(3)
    expect(found('xyz')).toEqual([])
  })
})

describe('mentions', () => {
  test('the name at the caret', () => {
    expect(mentionAt('bonjour @cl', 11)).toEqual({ from: 8, text: 'cl' })
    expect(mentionAt('a@b.fr', 6)).toBeNull()
    expect(mentionAt('@claire vu', 10)).toBeNull()
  })
  test('only people who exist, once', () => {
    expect(mentionsIn('@claire et @amine, @claire. @personne', ['claire', 'amine'])).toEqual([
      'claire',
      'amine',
    ])
  })
})

test('the list asks for what is filtered, and no more', () => {
  expect(queryOf(NO_FILTERS)).toBe('state=open&limit=200')
  expect(queryOf({ state: 'all', q: ' gaz ', type: 'gas.leak', commune: '21231', mine: true })).toBe(
    'state=all&limit=200&q=gaz&type=gas.leak&commune=21231&owner=me',
  )
})
