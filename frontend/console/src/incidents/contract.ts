/** The shapes of incidents, as docs/room-api.md gives them. */
import type { Place, Priority, Scalar } from '../api/contract'

export type IncidentState = 'reported' | 'qualified' | 'in_progress' | 'resolved' | 'closed' | 'merged'
export type SlaClock = {
  limit_s: number
  used_s: number
  due_at: string | null
  state: 'running' | 'paused' | 'met' | 'breached'
}
export type IncidentRef = { id: string; number: string }
export type Person = { username: string; name: string }
export type Incident = IncidentRef & {
  type: string
  trade: string
  severity: Priority
  state: IncidentState
  title: string | null
  description: string | null
  place: Place
  owner: Person | null
  opened_at: string
  qualified_at: string | null
  started_at: string | null
  resolved_at: string | null
  closed_at: string | null
  sla: { respond: SlaClock; resolve: SlaClock }
  paused: { reason: string; until: string | null; since: string } | null
  merged_into: IncidentRef | null
  counts: { sources: number; assets: number; files: number; participants: number; comments: number }
  distance_m?: number | null
  version: number
}
export type Incidents = { incidents: Incident[]; total: number }
export type SourceKind = 'alarm' | 'call' | 'report' | 'patrol' | 'incident'
export type Source = {
  id: string
  kind: SourceKind
  source: string
  label: string
  at: string
  by: string | null
}
export type Asset = { twin: string; name: string; type: string }
export type IncidentFile = {
  id: string
  name: string
  media_type: string
  bytes: number
  width: number | null
  height: number | null
  at: string
  by: string | null
}
export type Participant = {
  id: string
  contact: string
  name: string
  kind: string
  handed_over: { at: string; name: string; reference: string; text: string } | null
}
export type TimelineEntry = {
  id: string
  at: string
  key: string
  by: string | null
  values: Record<string, Scalar>
  text: string | null
}
/** What a person may do now: names of acts without `incidents.`, and `export`. */
export type Step =
  | 'qualify'
  | 'take'
  | 'release'
  | 'assign'
  | 'start'
  | 'resolve'
  | 'close'
  | 'reopen'
  | 'pause'
  | 'resume'
  | 'merge'
  | 'split'
  | 'hand_over'
  | 'add_source'
  | 'link_asset'
  | 'unlink_asset'
  | 'involve'
  | 'release_participant'
  | 'attach'
  | 'comment'
  | 'export'
export type IncidentDetail = Incident & {
  sources: Source[]
  assets: Asset[]
  files: IncidentFile[]
  participants: Participant[]
  timeline: TimelineEntry[]
  may: Step[]
  watching: string[]
}
export type Words = { fr: string; en: string }
export type IncidentType = Words & {
  key: string
  trade: string
  severity: Priority
  respond_s: number
  resolve_s: number
  services: string[]
  hint: Words
  questions: (Words & { key: string })[]
  card_types: string[]
}
export type Contact = {
  id: string
  key: string
  kind: 'service' | 'on_call' | 'contractor' | 'outside' | 'emergency'
  name: string
  body: string
  phone: string
  email: string
  trades: string[]
  communes: string[]
  hours: string
  open_now: boolean
  note: string
}
