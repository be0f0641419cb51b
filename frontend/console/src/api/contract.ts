/** The shapes that the post and the console agreed on in docs/console-api.md. */

export type Verb =
  | 'see'
  | 'command'
  | 'approve'
  | 'acknowledge'
  | 'shelve'
  | 'handle'
  | 'answer'
  | 'log'
  | 'export'
  | 'audit'
  | 'configure'
export type Grant = { role: string; communes: string[]; trades: string[]; verbs: Verb[] }
export type Me = {
  name: string
  username: string
  role_labels: string[]
  grants: Grant[]
  idle_lock_s?: number | null
  break_glass_until?: string | null
}
export type DemoAccount = { username: string; password: string; label: string }

export type Commune = { insee: string; name: string; center: [number, number] }
export type City = {
  key: string
  name: string
  synthetic: boolean
  attribution: Record<string, string>
  timezone: string
  center: [number, number]
  bbox: [number, number, number, number]
}

export type ValueKind = 'number' | 'boolean' | 'choice' | 'text'
export type Property = {
  key: string
  kind: ValueKind
  unit: string | null
  choices: string[]
  live: boolean
  chart: boolean
  stale_after_s: number | null
}
export type Attribute = { key: string; kind: ValueKind; unit: string | null; choices: string[] }
export type TwinType = {
  key: string
  symbol: string
  map: 'point' | 'symbol' | 'none'
  min_zoom: number
  properties: Property[]
  attributes: Attribute[]
  table_columns: string[]
  fault_property: string | null
  level_property: string | null
}
export type Field = {
  key: string
  kind: 'number' | 'choice' | 'duration' | 'text'
  unit: string | null
  min: number | null
  max: number | null
  step: number | null
  default: FieldValue | null
  choices: string[]
  optional?: boolean
}
export type FieldValue = number | string
export type CommandType = {
  key: string
  twin_types: string[]
  label: string
  fields: Field[]
  risk_class: number
  shortcut: string | null
}
export type AlarmType = { key: string; twin_type: string; priority: Priority; response_s: number | null }
export type Trade = { trade: string; twin_types: TwinType[]; commands: CommandType[]; alarms: AlarmType[] }
export type Bootstrap = { city: City; communes: Commune[]; trades: Trade[]; now: string }

export type Scalar = number | string | boolean | null
export type TwinTable = {
  row: number[]
  id: string[]
  name: string[]
  commune: string[]
  street: (string | null)[]
  attributes: Record<string, Scalar[]>
}
export type Quality = 'good' | 'uncertain' | 'bad' | number
export type StateValue = {
  value: Scalar
  observed_at: string | null
  received_at: string | null
  quality: Quality
  stale: boolean
}
export type Hold = {
  twin: string
  twin_name: string
  group: string
  wanted: Record<string, Scalar>
  until: string | null
  since: string
  command: string
  owner: string
  reason: string
}
export type Priority = 1 | 2 | 3 | 4
export type Alarm = {
  id: string
  type: string
  trade: string
  twin: string
  twin_name: string
  twin_type: string
  commune: string
  street: string | null
  lon: number
  lat: number
  priority: Priority
  raised_at: string
  cleared_at: string | null
  acknowledged_at: string | null
  acknowledged_by: string | null
  evidence: Record<string, Scalar>
  card?: string | null
  version: number
}
export type Twin = {
  id: string
  type: string
  name: string
  commune: string
  street: string | null
  lon: number
  lat: number
  part_of: string | null
  gateway: string | null
  attributes: Record<string, Scalar>
  state: Record<string, StateValue>
  holds: Hold[]
  alarms: Alarm[]
  parts: Record<string, number>
}
export type History = { property: string; t: number[]; v: (number | null)[]; sampled: boolean }
export type SearchHit = {
  kind: 'twin' | 'street' | 'commune' | 'address'
  id: string
  label: string
  detail: string
  type?: string
  lon: number
  lat: number
}

export type Ring = [number, number][]
export type Selection =
  | { kind: 'twins'; ids: string[] }
  | { kind: 'part_of'; ids: string[] }
  | { kind: 'street'; ids: string[] }
  | { kind: 'polygon'; rings: Ring[] }
  | { kind: 'commune'; ids: string[] }
  | { kind: 'all' }
export type CommandBody = {
  key: string
  targets: Selection
  payload: Record<string, FieldValue>
  reason: string
  expires_s: number
  idempotency_key: string
  precondition: null
}
export type DryRun = {
  count: number
  refused: { key: string; count: number }[]
  by_commune: { commune: string; count: number }[]
  risk_class: number
  needs_reason: boolean
  needs_approval: boolean
  sample: string[]
}
export const TARGET_STATES = [
  'requested',
  'sent',
  'accepted',
  'confirmed',
  'refused',
  'failed',
  'expired',
  'unknown',
] as const
export type TargetState = (typeof TARGET_STATES)[number]
export type CommandState = TargetState | 'awaiting_approval' | 'rejected'
export type Command = {
  id: string
  key: string
  trade: string
  state: CommandState
  reason: string
  payload: Record<string, FieldValue>
  selection: Selection
  risk_class: number
  issuer: string
  approver: string | null
  requested_at: string
  approved_at: string | null
  expires_at: string
  undo_of: string | null
  undone_by: string | null
  counts: Record<TargetState, number>
}
export type Act = Command & { target_state: TargetState; target_reason: string | null }
export type CommandTarget = {
  id: string
  name: string
  state: TargetState
  reason: string | null
  sent_at: string | null
  done_at: string | null
}
export type DeadLetter = {
  id: string | number
  reason: string
  detail: string
  received_at: string
  topic: string
  source: string
  repeated: number
  replayed_at: string | null
}
export type RoleHealth = { state: string; age_s: number | null }
export type Roles = Record<string, RoleHealth>

export type RoomPart =
  | 'incidents'
  | 'calls'
  | 'logbook'
  | 'directory'
  | 'notifications'
  | 'alarms'
  | 'identity'
  | 'lighting'
  | 'city'
/** Where something happens; the post fills what it can find out by itself. */
export type Place = {
  lon: number
  lat: number
  commune: string | null
  street: string | null
  address: string | null
  twin: string | null
}
export type CardKind =
  'single' | 'circuit' | 'phase' | 'cabinet' | 'feeder' | 'gateway' | 'link' | 'area' | 'flood'
/** One line of the alarm list: a single alarm, or a root cause with its members. */
export type Card = {
  id: string
  kind: CardKind
  type: string
  trade: string
  priority: Priority
  twin: string | null
  twin_type: string | null
  twin_name: string | null
  element: string | null
  communes: string[]
  street: string | null
  lon: number
  lat: number
  members: number
  active: number
  expected: number
  unacknowledged: number
  explanation: { key: string; values: Record<string, Scalar> } | null
  first: { alarm: string; twin: string; twin_name: string; type: string; at: string } | null
  raised_at: string
  cleared_at: string | null
  acknowledged_at: string | null
  acknowledged_by: string | null
  shelved: {
    id: string
    until: string
    reason: string
    owner: string
    cause: string
    times_raised: number
  } | null
  incident: { id: string; number: string } | null
  stale: boolean
  latched: boolean
  times_raised: number
  response_s: number | null
  evidence: Record<string, Scalar> | null
  disposition?: 'shown' | 'shelved' | 'out_of_service' | 'merged'
  version: number
}

export type LiveMessage =
  | { kind: 'hello'; now: string; frame_ms: number }
  | { kind: 'clock'; now: string; lag_s: number }
  | { kind: 'late'; behind_s: number; shedding: boolean; shed: number }
  | { kind: 'link'; gateway: 'live' | 'lost'; since: string | null }
  | { kind: 'command'; command: Command }
  | { kind: 'health'; roles: Roles }
  | { kind: 'twin'; twin: Twin }
  | { kind: 'card'; card: Card }
  | { kind: 'room'; part: RoomPart; subject: string }
  | { kind: 'presence'; incident: string; people: string[] }
  | { kind: 'resync' }
  | { kind: 'locked' }
  | { kind: 'unlocked' }
  | { kind: 'signed_out' }
