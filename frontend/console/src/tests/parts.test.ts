/** What parts tell the room: keys, letters and labels that do not collide, addresses that lead back. */
import { describe, expect, test } from 'vitest'
import { addressOf, readAddress, type Shown } from '../address'
import { dialogs, panels, parts, views } from '../parts'
import { LETTERS } from '../shell/keys'
import fr from '../strings.fr.json'

const repeated = (list: string[]) => list.filter((one, at) => list.indexOf(one) !== at)

describe('parts', () => {
  test('a key, a letter, a label each', () => {
    expect(repeated(views.map(({ key }) => key))).toEqual([])
    expect(repeated(views.map(({ letter }) => letter))).toEqual([])
    expect(views.filter(({ key }) => !(`view.${key}` in fr))).toEqual([])
  })
  test('actions are named in the main catalogue', () => {
    const actions = parts.flatMap((part) => part.actions ?? [])
    expect(actions.filter(({ label }) => !(label in fr))).toEqual([])
    expect(repeated([...Object.keys(LETTERS), ...actions.flatMap(({ letter }) => letter ?? [])])).toEqual([])
  })
  test('dialogs carry the name of their part, a view knows its own panel', () => {
    for (const [key, { part }] of dialogs) expect(key.startsWith(`${part}.`), key).toBe(true)
    for (const { panel } of views) if (panel) expect(panels.has(panel), panel).toBe(true)
  })
})

describe('addresses', () => {
  const own = (view: string) => (view === 'incidents' ? 'incident' : undefined)
  const shown: [string, Shown][] = [
    ['#/map', { view: 'map', focus: { kind: 'none' } }],
    ['#/incidents/7', { view: 'incidents', focus: { kind: 'part', panel: 'incident', id: '7' } }],
    ['#/map/incident/7', { view: 'map', focus: { kind: 'part', panel: 'incident', id: '7' } }],
    ['#/map/twin/urn%3Aa%2Fb', { view: 'map', focus: { kind: 'twin', urn: 'urn:a/b', alarm: null } }],
    ['#/table/command/c', { view: 'table', focus: { kind: 'command', id: 'c' } }],
  ]
  test.each(shown)('%s', (address, state) => {
    expect(addressOf(state, own)).toBe(address)
    expect(readAddress(address, own)).toEqual(state)
  })
  test('what is not ours is left alone, what is broken opens the view', () => {
    expect(readAddress('#alarms', own)).toBeNull()
    expect(readAddress('#/calls/%E0', own)).toEqual({ view: 'calls', focus: { kind: 'none' } })
  })
})
