import { expect, test } from 'vitest'
import { tell, type Decision } from '../contract'

const say = (key: string, values?: Record<string, unknown>) =>
  values ? `${key} ${JSON.stringify(values)}` : key
const base = { id: '1', at: '2026-11-22T00:00:00Z', version: 1, input: {} }
const act = { key: 'incidents.open', because: 'automation.x.stands', values: { priority: 1 }, payload: {} }

test('a grouping tells its cause, and that a person dissolved it', () => {
  const explanation = { key: 'cause.cabinet', values: { members: 47, twin_type: 'Streetlight' } }
  const decision: Decision = { ...base, outcome: { explanation, dissolved: true } }
  expect(tell(decision, say)).toEqual({
    why: 'cause.cabinet {"things":"plural.Streetlight","members":47,"twin_type":"Streetlight"}',
    done: 'automations.dissolved',
    refused: false,
  })
})

test('a rule tells why, its act and the number it got', () => {
  const performed = [{ act, result: { number: '2026-000012' }, refused: null }]
  const told = tell({ ...base, outcome: { performed } }, say)
  expect(told.done).toBe('automations.act.incidents.open · 2026-000012')
  expect(told.why).toBe('automation.x.stands {"priority":1}')
})

test('a refusal is told as one', () => {
  const performed = [{ act, result: null, refused: 'error.incident_type_needed' }]
  const told = tell({ ...base, outcome: { performed } }, say)
  expect(told).toMatchObject({
    refused: true,
    done: 'automations.act.incidents.open · error.incident_type_needed',
  })
})
