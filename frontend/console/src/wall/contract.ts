/** What the wall shows (docs/room-api.md). */
import type { Priority } from '../api/contract'

export type WallNumbers = {
  alarms: Partial<Record<Priority, number>>
  incidents: { open: number; breached: number }
  calls: { waiting: number; within_15s: number | null }
  lights: { lit: number; total: number }
  power_kw: number
  per_operator_10min: number
}
