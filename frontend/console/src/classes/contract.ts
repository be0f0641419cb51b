/** Classes, floors, policies and adaptive light as the post tells them (docs/lighting-api.md). */
export const CLASSES = [
  ...['M1', 'M2', 'M3', 'M4', 'M5', 'M6'],
  ...['C0', 'C1', 'C2', 'C3', 'C4', 'C5'],
  ...['P1', 'P2', 'P3', 'P4', 'P5', 'P6'],
]

export type Switch = { on: boolean; reason: string; seeded: boolean; set_at: string; set_by: string | null }
export type CommuneClasses = {
  commune: string
  lights: number
  inferred: number
  on_crossing: number
  said: number
  classes: { class: string; lights: number; floor_pct: number; floor_most_pct: number }[]
  adaptive: Switch | null
  policies: number
}
export type Said = { class: string; reason: string; set_at: string; set_by: string | null }
export type Street = {
  street: string
  street_class: string
  class: string
  said: Said | null
  inferred: boolean
  lights: number
  on_crossing: number
  classes: string[]
  floor_pct: number
  vehicles_per_day: number | null
  counted_year: number | null
}
export type Floors = {
  requirements: { class: string; quantity: string; maintained: number; source: string }[]
  floors: { class: string; kept: string; floor_pct: number; source: string }[]
  commune_floors: {
    commune: string
    class: string | null
    crossings_only: boolean
    least_pct: number
    source: string
  }[]
}
export type PolicyStep = 'authorise' | 'reject' | 'revoke'
export type Policy = {
  id: string
  commune: string
  classes: string[]
  crossings: boolean
  from_min: number
  to_min: number
  least_pct: number
  since: string
  until: string
  state: 'proposed' | 'authorised' | 'rejected' | 'revoked'
  in_force: boolean
  reason: string
  legal_note: string
  proposed_by: string
  proposed_at: string
  decided_by: string | null
  decided_at: string | null
  decision_reason: string
  revoked_by: string | null
  revoked_at: string | null
  revocation_reason: string
  may: PolicyStep[]
}
export type Zone = {
  zone: string
  street: string
  class: string
  lights: number
  level_pct: number | null
  cause: string
  since: string | null
}
export type LedgerStreet = {
  street: string
  lights: number
  baseline_kwh: number
  led_kwh: number
  static_kwh: number
  adaptive_kwh: number
  static_under_min: number
  adaptive_under_min: number
}
export type Ledger = {
  of: { assumptions: string; city: string; seed: number } | null
  streets: LedgerStreet[]
}
