/** What a card sends: only what was said, and nothing of who stays anonymous. */
import { describe, expect, test } from 'vitest'
import { draftOf, formatNumber, payloadOf, type Call } from '../contract'

const CALL: Call = {
  id: 'a',
  call_no: 12,
  channel: 'cti',
  state: 'open',
  rang_at: '2026-03-01T08:00:00Z',
  answered_at: '2026-03-01T08:00:09Z',
  ended_at: null,
  waited_s: 9,
  taken_by: null,
  caller: { number: '0380123456', name: null },
  anonymous: false,
  type: 'lamp',
  text: 'devant chez moi',
  place: null,
  answers: { since: 'hier', other: 'oui' },
  incident: null,
  promise: null,
  call_back: null,
  version: 3,
  tries: [],
}

describe('payload', () => {
  test('answers of another type and empty ones stay behind', () => {
    const draft = { ...draftOf(CALL), answers: { since: ' hier ', colour: ' ', other: 'oui' } }
    expect(payloadOf(draft, [{ key: 'since' }, { key: 'colour' }]).answers).toEqual({ since: 'hier' })
  })
  test('who stays anonymous leaves neither number nor name', () => {
    const draft = { ...draftOf(CALL), name: 'Odile', anonymous: true }
    expect(payloadOf(draft, [])).toMatchObject({ number: null, name: null, anonymous: true })
  })
  test('nothing typed is null, not an empty text', () => {
    const draft = { ...draftOf({ ...CALL, caller: null, type: null }), text: '  ' }
    expect(payloadOf(draft, [])).toMatchObject({ type: null, number: null, name: null, text: '' })
  })
  test('a draft does not share its answers with the call', () => {
    const draft = draftOf(CALL)
    draft.answers.since = 'demain'
    expect(CALL.answers.since).toBe('hier')
  })
})

test('numbers are shown as the French write them', () => {
  expect(formatNumber('0380123456')).toBe('03\u00a080\u00a012\u00a034\u00a056')
  expect(formatNumber('+33380123456')).toBe('+33380123456')
  expect(formatNumber('112')).toBe('112')
})
