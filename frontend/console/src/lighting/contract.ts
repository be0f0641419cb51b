/** What the post says of lighting (docs/lighting-api.md). */
import type { Scalar } from '../api/contract'

export type ModeHead = {
  mode: string
  unit: string
  choices: string[]
  unknown: number
  inferred: number
  since_day: string | null
  until_day: string | null
}
export type ModeColumn = { head: ModeHead; values: Float32Array }

/** `ODM1`, length of the head, head in JSON, one float32 for each light in the order of the table. */
export function decodeMode(buffer: ArrayBuffer): ModeColumn {
  const view = new DataView(buffer)
  if (view.getUint32(0, true) !== 0x314d444f) throw new Error('not a mode')
  const length = view.getUint32(4, true)
  const text = new TextDecoder().decode(new Uint8Array(buffer, 8, length))
  return { head: JSON.parse(text) as ModeHead, values: new Float32Array(buffer, 8 + length) }
}

export type TreeLight = {
  id: string
  name: string
  street: string | null
  at_m: number
  level_pct: number | null
  asked_w: number | null
  drawn_w: number | null
  fault: number
  held: boolean
  age_s: number | null
}
export type Sums = { asked_w: number; drawn_w: number; faults: number }
export type TreePhase = Sums & { key: string; lights: TreeLight[] }
export type TreeCircuit = Sums & {
  key: string
  inferred: boolean
  phases: TreePhase[]
  lights: number
  imbalance_pct: number | null
}
export type Above = { key: string; cabinets: number; inferred: boolean }
export type Cabinet = Sums & {
  id: string
  name: string
  commune: string
  lon: number
  lat: number
  online: boolean | null
  supply: boolean | null
  metered_w: number | null
  wanted_version: number | null
  stored_version: number | null
  grid_feeder: Above | null
  uplink: Above | null
  circuits: TreeCircuit[]
  lights: number
  imbalance_pct: number | null
}
export type CabinetRow = Sums & {
  id: string
  name: string
  commune: string
  street: string | null
  lights: number
  online: boolean | null
  supply: boolean | null
  wanted_version: number | null
  stored_version: number | null
}

export type KeyChange = {
  key: string
  value: Scalar
  formers: { value: Scalar; count: number; others: boolean }[]
  unchanged: number
}
export type ChangeDryRun = {
  count: number
  unchanged: number
  refused: number
  needs_approval: boolean
  changes: KeyChange[]
}
export type Change = {
  id: string
  state: 'proposed' | 'applied' | 'rejected' | 'lapsed' | 'undone'
  values: Record<string, Scalar>
  reason: string | null
  lights: number
  communes: string[]
  proposed_by: string | null
  proposed_at: string
  lapses_at: string
  decided_by: string | null
  decided_at: string | null
  decision_reason: string | null
  undone_by: string | null
  undone_at: string | null
  kept: number
  is_mine: boolean
  changes: KeyChange[]
}
