/** The shapes of the alarm lists, as docs/room-api.md gives them. */
import type { Alarm, Card, Priority } from '../api/contract'

export type AlarmList = 'shown' | 'shelved' | 'out_of_service' | 'stale'
export type ListCounts = {
  shown: Partial<Record<Priority, number>>
  shelved: number
  out_of_service: number
  stale: number
}
export type AlarmLists = { cards: Card[]; total: number; counts: ListCounts; flood: boolean; raw: number }
export type Members = { alarms: Alarm[]; total: number }
export type Shelving = {
  id: string
  type: string
  twin: string
  twin_name: string
  commune: string
  cause: string
  reason: string
  owner: string
  since: string
  until: string
  times_raised: number
}
export type Silence = {
  id: string
  kind: 'works' | 'out_of_service'
  type: string | null
  twins: number
  twin_name: string | null
  communes: string[]
  reason: string
  owner: string
  since: string
  until: string | null
}
export type Figures = {
  operators: number
  per_operator_10min: number
  target: number
  last_hours: { at: string; annunciated: number; raw: number }[]
  mix: Partial<Record<Priority, number>>
  worst_talkers: { type: string; twin: string; twin_name: string; commune: string; count: number }[]
  never_acted_on: { type: string; count: number }[]
  flood_minutes_7d: number
}
export type Rationalisation = {
  type: string
  trade: string
  priority: Priority
  response_s: number
  on_delay_s: number
  off_delay_s: number
  deadband: string | null
  latched: boolean
  path: string
  procedure: string | null
}
