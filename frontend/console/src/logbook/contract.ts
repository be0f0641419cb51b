/** Lines of the logbook as the post gives them (docs/room-api.md). */
import type { Scalar } from '../api/contract'

export type Kind = 'automatic' | 'free' | 'correction'

/** The other end of a correction. */
export type Beside = { line_no: number; at: string; by: string | null; text: string | null }

export type Line = {
  line_no: number
  at: string
  kind: Kind
  key: string | null
  values: Record<string, Scalar | Scalar[]>
  text: string | null
  erased: boolean
  trade: string | null
  commune: string | null
  subject: string | null
  by: string | null
  corrects: number | null
  corrected_by: number | null
  beside: Beside | null
}

export type Page = { lines: Line[]; more: boolean }

export type Filters = {
  q: string
  kind: Kind | ''
  trade: string
  commune: string
  /** Local days of the city, both included. */
  from: string
  to: string
}

export const NO_FILTERS: Filters = { q: '', kind: '', trade: '', commune: '', from: '', to: '' }
