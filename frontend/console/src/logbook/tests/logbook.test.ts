/** What the logbook asks, how news join what is shown, what is marked in a line. */
import { describe, expect, test } from 'vitest'
import { NO_FILTERS, type Line } from '../contract'
import { highlight } from '../highlight'
import { dayAfter, joinNewest, queryOf, spanOf } from '../query'
import { panelOf, subjectOf } from '../subject'

const ZONE = 'Europe/Paris'

function line(line_no: number, more: Partial<Line> = {}): Line {
  const at = '2026-11-21T20:00:00Z'
  const about = { trade: null, commune: null, subject: null, by: null, corrects: null, corrected_by: null }
  return { line_no, at, kind: 'free', key: null, values: {}, text: `Ligne ${line_no}`, erased: false, ...about,
    beside: null, ...more } // prettier-ignore
}
const numbers = (lines: Line[]) => lines.map(({ line_no }) => line_no)

test('filters that are empty are not asked', () => {
  expect(queryOf({ ...NO_FILTERS, q: ' lampe ' }, ZONE, 'fr', null)).toBe('q=lampe&lang=fr')
})

test('days are the city’s and the last is included, also when the clocks change', () => {
  expect(spanOf('2026-10-25', '2026-10-25', ZONE)).toEqual({
    from: '2026-10-24T22:00:00.000Z',
    to: '2026-10-25T23:00:00.000Z',
  })
  expect(dayAfter('2026-12-31')).toBe('2027-01-01')
})

describe('news', () => {
  test('join what is shown without gap or double', () => {
    const { lines, joined } = joinNewest([line(3), line(2), line(1)], {
      lines: [line(4), line(3)],
      more: true,
    })
    expect([numbers(lines), joined]).toEqual([[4, 3, 2, 1], true])
  })
  test('that are more than a page take its place', () => {
    const { lines, joined } = joinNewest([line(2), line(1)], { lines: [line(9), line(8)], more: true })
    expect([numbers(lines), joined]).toEqual([[9, 8], false])
  })
  test('note a correction on the line that it corrects', () => {
    const correction = line(4, { kind: 'correction', corrects: 1, text: 'Mieux' })
    const { lines } = joinNewest([line(3), line(2), line(1)], { lines: [correction, line(3)], more: true })
    expect(lines.at(-1)).toMatchObject({ line_no: 1, corrected_by: 4, beside: { line_no: 4, text: 'Mieux' } })
  })
})

describe('highlight', () => {
  const hits = (text: string, q: string) =>
    highlight(text, q)
      .filter(({ hit }) => hit)
      .map(({ text }) => text)
  test('marks words whatever their accents, capitals and endings', () => {
    expect(hits('Lampes ÉTEINTES rue de l’Œuvre', 'lampe eteinte oeuvre')).toEqual([
      'Lampes',
      'ÉTEINTES',
      'Œuvre',
    ])
  })
  test('marks no word that was refused and no part of another word', () => {
    expect(hits('La lampe et le lampadaire', 'lampe -rue')).toEqual(['lampe'])
    expect(hits('Rue noire', '-rue')).toEqual([])
  })
  test('loses no letter', () => {
    const text = 'À 22:30, « armoire A-112 » : rien.'
    expect(
      highlight(text, 'armoire 112')
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text)
  })
})

test('what is open on the right is what a line is about, and opens again from it', () => {
  expect(subjectOf({ kind: 'part', panel: 'incident', id: '7' })).toBe('incident:7')
  expect(subjectOf({ kind: 'none' })).toBeNull()
  expect(panelOf('call:9')).toEqual({ panel: 'call', id: '9' })
  expect(panelOf('bell:9')).toBeNull()
})
