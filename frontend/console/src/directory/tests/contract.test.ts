/** What the form sends, and how contacts stand together. */
import { describe, expect, test } from 'vitest'
import { byFunction, EMPTY, payloadOf, telephone, type Contact } from '../contract'

const CREW: Contact = {
  ...EMPTY,
  id: 'a',
  key: 'lighting_crew',
  name: 'Équipe',
  version: 3,
  open_now: true,
  until: null,
  first: true,
  may_save: true,
}

describe('payload', () => {
  test('a new contact has neither id nor version', () => {
    expect(payloadOf({ ...EMPTY, name: 'N' }, null)).toMatchObject({ id: null, version: null, person: null })
  })
  test('a known one goes back at the version that was read, without what the post computes', () => {
    const { id, version, open_now, until, first, may_save, ...draft } = CREW
    const sent = payloadOf(draft, CREW)
    expect(sent).toMatchObject({ id, version })
    expect(Object.keys(sent)).not.toContain('open_now')
    expect([open_now, until, first, may_save]).toEqual([true, null, true, true])
  })
  test('everywhere swallows single communes, and nowhere means everywhere', () => {
    expect(payloadOf({ ...EMPTY, communes: ['21231', '*'] }, null).communes).toEqual(['*'])
    expect(payloadOf({ ...EMPTY, communes: [] }, null).communes).toEqual(['*'])
    expect(payloadOf({ ...EMPTY, communes: ['21231'] }, null).communes).toEqual(['21231'])
  })
  test('a person without a name is none', () => {
    expect(payloadOf({ ...EMPTY, person: { name: ' ', phone: '15', email: '' } }, null).person).toBeNull()
  })
})

test('contacts stand together by function, in the order that they came', () => {
  const night = { ...CREW, id: 'b' }
  const police = { ...CREW, id: 'c', key: 'municipal_police' }
  expect(byFunction([CREW, night, police])).toEqual([
    ['lighting_crew', [CREW, night]],
    ['municipal_police', [police]],
  ])
})

test('a telephone link has digits only', () => {
  expect(telephone('+33 3.53 01 10 01')).toBe('tel:+33353011001')
})
