/** The shapes of docs/room-api.md, notifications. */
import type { Scalar } from '../api/contract'

export type Notification = {
  id: string
  at: string
  key: string
  values: Record<string, Scalar>
  subject: string
  read_at: string | null
  urgent: boolean
  by: string | null
}
export const WAYS = ['mail', 'sms', 'webhook'] as const
export type Way = (typeof WAYS)[number]
export type Address = { way: Way; address: string; entered_at: string }
export type Delivery = {
  notification: string
  way: Way
  key: string
  subject: string
  state: 'queued' | 'sent' | 'delivered' | 'failed'
  tries: number
  queued_at: string
  next_try_at: string | null
  ended_at: string | null
  last_error: string | null
}

/** What a subject opens: a panel by kind, an order, or nothing. */
export function opens(subject: string): { panel: string; id: string } | null {
  const [kind, id] = subject.split(':', 2)
  return kind && id && ['incident', 'card', 'command', 'contact'].includes(kind) ? { panel: kind, id } : null
}
