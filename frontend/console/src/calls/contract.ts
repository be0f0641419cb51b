/** The shapes of calls, as docs/room-api.md gives them. */
import type { Place } from '../api/contract'

export type CallState = 'ringing' | 'open' | 'ended' | 'abandoned'
export type ListOf = 'ringing' | 'open' | 'mine' | 'call_back' | 'recent'
export type Outcome = 'reached' | 'no_answer' | 'gave_up'
export type Call = {
  id: string
  call_no: number
  channel: 'cti' | 'hand'
  state: CallState
  rang_at: string
  answered_at: string | null
  ended_at: string | null
  waited_s: number
  taken_by: { username: string; name: string } | null
  /** Null for who may not answer calls there. */
  caller: { number: string | null; name: string | null } | null
  anonymous: boolean
  type: string | null
  text: string
  place: Place | null
  answers: Record<string, string>
  incident: { id: string; number: string; state: string; title: string } | null
  promise: { at: string; text: string; kept: boolean | null } | null
  call_back: { state: 'wanted' | 'done' | 'gave_up'; tries: number; since: string | null } | null
  version: number
  /** Only of a call asked for by itself. */
  tries: { at: string; by: string | null; outcome: Outcome; text: string }[]
}
export type Share = {
  offered: number
  answered: number
  abandoned: number
  within_15s: number | null
  mean_wait_s: number | null
}
export type Quarter = Omit<Share, 'mean_wait_s'> & { at: string }
export type StaffedHour = {
  hour: number
  calls: number
  aht_s: number
  agents_needed: number
  agents_here: number
  expected_share: number | null
}
export type Figures = {
  today: Share
  by_quarter: Quarter[]
  waiting: number
  longest_wait_s: number
  staffing: { target: { share: number; within_s: number }; days: number; by_hour: StaffedHour[] }
}

/** What the card holds while somebody types. */
export type Draft = {
  number: string
  name: string
  anonymous: boolean
  type: string
  text: string
  place: Place | null
  answers: Record<string, string>
}

export function draftOf(call: Call): Draft {
  return {
    number: call.caller?.number ?? '',
    name: call.caller?.name ?? '',
    anonymous: call.anonymous,
    type: call.type ?? '',
    text: call.text,
    place: call.place,
    answers: { ...call.answers },
  }
}

/** The payload of `calls.save`: answers to questions of another type, and empty ones, are left behind. */
export function payloadOf(draft: Draft, questions: readonly { key: string }[]) {
  const asked = questions.filter(({ key }) => draft.answers[key]?.trim())
  return {
    type: draft.type || null,
    text: draft.text.trim(),
    place: draft.place,
    number: draft.anonymous ? null : draft.number.trim() || null,
    name: draft.anonymous ? null : draft.name.trim() || null,
    anonymous: draft.anonymous,
    answers: Object.fromEntries(asked.map(({ key }) => [key, draft.answers[key]!.trim()])),
  }
}

/** `0380123456` as the French write it; other numbers as they are. */
export function formatNumber(number: string): string {
  return /^0\d{9}$/.test(number) ? number.replace(/(\d\d)(?=\d)/g, '$1\u00a0') : number
}
