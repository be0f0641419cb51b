/** What the post says of rights, sessions and emergency access (docs/room-api.md, People). */
export type Role = { key: string; fr: string; en: string; verbs: string[]; idle_lock_min: number }
export type VerbWords = { key: string; fr: string; en: string }
export type Held = { role: string; communes: string[]; trades: string[] }
export type Holder = { name: string; username: string; grants: Held[] }
export type Rights = { roles: Role[]; verbs: VerbWords[]; people: Holder[] }
export type OwnSession = {
  id: string
  opened_at: string
  seen_at: string
  here: boolean
  is_locked: boolean
  browser: string
  network: 'loopback' | 'intranet' | 'outside' | 'unknown'
}
export type Glass = {
  id: string
  name: string
  mine: boolean
  reason: string | null
  since: string
  until: string
  ended_at: string | null
  acts: { at: string; act: string; subject: string }[]
}
