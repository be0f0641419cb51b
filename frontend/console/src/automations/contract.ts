/** The register's shapes, as docs/room-api.md gives them. */
import type { Scalar } from '../api/contract'

export type RuleCard = {
  key: string
  reads: string[]
  acts_on: string[]
  personal_data: string[]
  owner: string
  since: string
  version: number
}
type Wanted = {
  key: string
  because: string
  values: Record<string, Scalar>
  payload: Record<string, Scalar>
}
type Performed = { act: Wanted; result: Record<string, Scalar> | null; refused: string | null }
type Explanation = { key: string; values: Record<string, Scalar> }
export type Decision = {
  id: string
  at: string
  version: number
  input: { event?: { key: string; payload: Record<string, Scalar> }; type?: string; alarms?: number }
  outcome: {
    performed?: Performed[]
    kind?: string
    explanation?: Explanation
    dissolved?: boolean
    over?: boolean
  }
}
/** One decision in words: why, what was done, and what came of it. */
export type Told = { why: string; done: string; refused: boolean }
type Say = (key: string, values?: Record<string, Scalar>) => string

/** A grouping tells its cause; a rule tells why it acted, on which act, and with which end. */
export function tell(decision: Decision, say: Say): Told {
  const { explanation, performed, dissolved } = decision.outcome
  if (explanation) {
    const done = dissolved ? 'automations.dissolved' : 'automations.grouped'
    const things = say(`plural.${explanation.values.twin_type}`)
    return { why: say(explanation.key, { things, ...explanation.values }), done: say(done), refused: false }
  }
  const first = performed?.[0]
  if (!first) return { why: '', done: '', refused: false }
  const number = first.result?.number
  const act = say(`automations.act.${first.act.key}`)
  const end = first.refused ? say(first.refused) : typeof number === 'string' ? number : ''
  return {
    why: say(first.act.because, first.act.values),
    done: end ? `${act} · ${end}` : act,
    refused: first.refused !== null,
  }
}
