/** The shapes of docs/lighting-api.md, savings. */
export const ALL = '*'
export type Verdict = 'proved' | 'no_saving' | 'margin' | 'coverage' | 'unbased' | 'inferred' | 'short'

export type Saving = {
  commune: string
  name: string
  year: number
  lights: number
  baseline_kwh: number
  measured_kwh: number
  saving_kwh: number
  saving_pct: number
  margin_pct: number
  eur: number
  coverage: number
  verdict: Verdict
  simulated: boolean
}
export type Savings = { savings: Saving[]; totals: Saving[]; communes: number; all_communes: boolean }

export type Month = {
  first_day: string
  nights: number
  baseline_kwh: number
  measured_kwh: number
  coverage: number
}
export type Proof = {
  cabinets: number
  lights: number
  baseline_kwh: number
  measured_kwh: number
  saving_kwh: number
  saving_kwh_margin: number
  saving_pct: number
  saving_pct_margin: number
  coverage: number
  based_share: number
  metered_share: number
  points: Record<string, number>
}
/** The parts of the margin, as the post names them. */
export const MARGIN_PARTS = ['model', 'declared', 'metering', 'gaps', 'inventory', 'unbased'] as const

export type Found = {
  since_day: string
  until_day: string
  nights: number
  proof: Proof
  eur: number
  eur_margin: number
  eur_per_kwh: number
  baseline_inferred: boolean
  is_simulated: boolean
  model: {
    cabinets: number
    nights: number
    cv_rmse_median: number
    cv_rmse_worst: number
    r_squared_median: number
  } | null
  months: Month[]
}
export type Cabinet = {
  id: string
  name: string
  lights: number
  basis: 'metered' | 'declared'
  baseline_kwh: number
  measured_kwh: number
  saving_pct: number
  coverage: number
}
export type Baseline = {
  id: string
  version: number
  state: 'standing' | 'proposed' | 'superseded' | 'rejected'
  valid_from: string
  metered_from: string | null
  metered_until: string | null
  hours_h: number
  eur_per_kwh: number
  eur_source: string
  goal_pct: number
  goal_source: string
  source: string
  inferred: boolean
  reason: string
  lights: number
  load_kw: number
  proposed_at: string
  proposed_by: string | null
  decided_at: string | null
  decided_by: string | null
}
export type Family = {
  family: string
  power_w: number
  ballast_factor: number
  lights: number
  load_kw: number
}
export type Adjustment = {
  id: string
  cabinet: string
  cabinet_name: string
  kind: 'routine' | 'non_routine'
  from_day: string
  until_day: string | null
  lights: number
  power_w: number
  reason: string
  source: string
}
export type Year = {
  commune: string
  name: string
  year: number
  proved_at: string
  verdict: Verdict
  may_be_said: boolean
  sentence: { fr: string; en: string }
  found: Found
  cabinets: Cabinet[]
  baseline: Baseline
  families: Family[]
  versions: Baseline[]
  adjustments: Adjustment[]
  may_configure: boolean
  may_approve: boolean
  may_export: boolean
}

/** The years that there are, newest first. */
export function yearsOf(savings: Savings): number[] {
  return savings.totals.map(({ year }) => year)
}

export type Bar = { month: Month; x: number; before: number; now: number }
/** Bars of a monthly chart of this height: what would have been, and what was. */
export function barsOf(months: Month[], height: number, step: number): Bar[] {
  const most = Math.max(1, ...months.map((month) => Math.max(month.baseline_kwh, month.measured_kwh)))
  return months.map((month, place) => ({
    month,
    x: place * step,
    before: (month.baseline_kwh / most) * height,
    now: (month.measured_kwh / most) * height,
  }))
}
