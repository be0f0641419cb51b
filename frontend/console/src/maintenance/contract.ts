/** The shapes of docs/lighting-api.md, maintenance. */
export type Model = {
  key: string
  lamp_type: string
  lights: number
  load_kw: number
  lm_per_w: number
  rated_life_h: number
  warranty_years: number
  mean_hours: number | null
  past_life: number
}
export type Forecast = {
  model: string
  installed_year: number
  lights: number
  mean_hours: number
  share_past_life: number
  expected: number[]
  low: number[]
  high: number[]
}
export type Failed = {
  twin: string
  name: string
  commune: string
  model: string
  installed_year: number
  warranty_until: number
  in_warranty: boolean
  since: string
  card: string | null
}
export type Maintenance = {
  source: string
  eur_year: number
  lights: number
  led: number
  unknown: number
  named: number
  models: Model[]
  forecasts: Forecast[]
  failed: Failed[]
}
export type Planned = {
  year: number
  commune: string
  street: string
  lights: number
  saved_kwh: number
  eur: number
  kwh_per_eur: number
  payback_years: number
}
export type PlannedYear = {
  year: number
  lights: number
  eur: number
  saved_kwh: number
  saved_kwh_to_date: number
}
export type Renewal = { streets: Planned[]; years: PlannedYear[]; left: number }

export const KINDS = ['repair', 'replacement', 'inspection', 'renewal', 'other'] as const
export type Kind = (typeof KINDS)[number]
export type Order = {
  id: string
  number: number
  version: number
  kind: Kind
  state: 'open' | 'assigned' | 'done' | 'cancelled'
  commune: string
  twin: string
  twin_type: string
  twin_name: string
  note: string | null
  outcome: string | null
  card: string | null
  incident: string | null
  assigned_to: string | null
  assigned_name: string | null
  due_day: string | null
  minutes: number | null
  opened_at: string
  opened_by: string | null
  ended_at: string | null
  parts: { part: string; quantity: number }[]
  photos: string[]
  steps: string[]
}

/** "2 x driver 75 W" line by line, as the form asks for it; what is no such line counts once. */
export function partsOf(text: string): { part: string; quantity: number }[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const [, count, part] = /^(\d{1,3})\s*[x×]\s*(.+)$/i.exec(line) ?? []
      return { part: part ?? line, quantity: Math.max(1, Number(count ?? 1)) }
    })
}
