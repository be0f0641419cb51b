/** Programmes as the post tells them (docs/lighting-api.md). */
export type Lang = 'fr' | 'en'
export type Names = Record<Lang, string>
export const LAYERS = ['metropolis', 'commune', 'exception', 'works', 'special'] as const
export type Layer = (typeof LAYERS)[number]
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun', 'holiday', 'eve'] as const
export type Day = (typeof DAYS)[number]
export const SUNS = ['sunset', 'dusk', 'sunrise', 'dawn'] as const
export type Sun = (typeof SUNS)[number]

export type Level = number | 'floor'
export type Edge = { sun: Sun; offset_min: number; not_before: string | null; not_after: string | null }
export type Step = { from: string; level_pct: Level }
export type Span = { from: string; until: string }
export type Profile = { on: Edge; off: Edge; level_pct: Level; steps: Step[]; off_hours: Span[] }
/** `ranges`: both days included; written 2026-11-01, or 11-01 for every year. */
export type Calendar = { ranges: Span[]; days: Day[]; dates: string[]; except_dates: string[] }
export type Rule = { calendar: Calendar; profile: Profile; interval: Span | null }

export type StreetName = { commune: string; name: string }
export type Scope =
  | { kind: 'all' }
  | { kind: 'communes'; communes: string[] }
  | { kind: 'classes'; classes: string[]; communes: string[] }
  | { kind: 'streets'; streets: StreetName[] }
  | { kind: 'polygon'; polygon: [number, number][] }
  | { kind: 'twins'; twins: string[] }

export type Content = {
  key: string
  names: Names
  layer: Layer
  priority: number
  scope: Scope
  rules: Rule[]
}

export type State = 'draft' | 'proposed' | 'published' | 'superseded' | 'withdrawn' | 'rejected' | 'ended'
export type Brief = { id: string; number: number; state: State; version: number; at: string; by: string }
export type Stored = { gateways: number; stored: number; since: string | null }
export type Programme = {
  key: string
  names: Names
  layer: Layer
  priority: number
  scope: Scope
  communes: string[]
  lights: number
  in_force: Brief | null
  open: Brief | null
  next_night: string | null
  tonight: boolean
  stored: Stored | null
}
export type May = 'draft' | 'propose' | 'publish' | 'reject' | 'withdraw' | 'end'
export type ProgrammeDetail = Programme & { versions: Brief[]; may: May[] }
export type Version = Brief & {
  key: string
  content: Content
  drafted_at: string | null
  drafted_by: string | null
  proposed_at: string | null
  proposed_by: string | null
  reason: string | null
  decided_at: string | null
  decided_by: string | null
  decision_reason: string | null
  ended_at: string | null
  communes: string[]
  lights: number
  may: May[]
}
export type Behind = {
  twin: string
  name: string
  commune: string
  wanted: number
  stored: number | null
  wanted_since: string
}
export type Gateways = { gateways: number; stored: number; behind: Behind[] }

/** From this instant on, this level, by this programme. */
export type Mark = [at: string, level_pct: number, programme: string | null]
export type Curve = { lights: number; classes: string[]; communes: string[]; before: Mark[]; after: Mark[] }
export type Year = {
  burning_h: number
  off_h: number
  kwh: number
  eur: number
  hours: { level_pct: number; h: number }[]
  /** Mean level of each part of an hour by the city's clocks from noon, a row a night. */
  strip?: number[][]
}
export type UnderFloor = {
  commune: string
  street: string
  class: string
  lights: number
  floor_pct: number
  level_pct: number
  nights: number
}
export type Preview = {
  night: string
  lights: number
  cabinets: number
  touched: number
  nights_changed: number
  day: { from: string; until: string; curves: Curve[] }
  year: {
    from: string
    nights: number
    before: Year
    after: Year
    saved_kwh: number
    saved_eur: number
    eur_per_kwh: number
    price_source: string
  }
  under_floor: UnderFloor[]
  under_floor_lights: number
  under_floor_streets: number
  held_up: number
}
export type Diff = {
  against: Brief | null
  lines: { path: string; before: unknown; after: unknown }[]
  lights_added: number
  lights_removed: number
  lights: number
  nights: number
  segments: number
  kwh: number
  eur: number
}
export type Sentence = { layer: string; key: string; values: Record<string, string | number>; wins: boolean }
export type Why = {
  at: string
  night: string
  level_pct: number | null
  reported_pct: number | null
  programme: string | null
  sentences: Sentence[]
}
