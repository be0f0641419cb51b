/** A week on the ground of one commune (docs/room-api.md). */
export type Week = {
  commune: string
  name: string
  from: string
  to: string
  trades: string[]
  commands: { key: string; count: number; targets: number }[]
  incidents: { type: string; count: number; mean_resolve_s: number | null }[]
  alarms: { annunciated: number; by_priority: Record<string, number> }
  works: number
  calls: number | null
  exports: number
  break_glass: number
  looked_at_by_others: number
}

/** The first day of a week before or after, written 2026-11-16. */
export function weekFrom(from: string, weeks: number): string {
  const at = new Date(`${from}T12:00:00Z`)
  at.setUTCDate(at.getUTCDate() + 7 * weeks)
  return at.toISOString().slice(0, 10)
}
