/** What a clock against a promise says now, between two answers of the post. */
import type { Incident, SlaClock } from './contract'

/** Seconds left, below zero when overdue; null when it stands still or is over. */
export function leftS({ state, due_at }: SlaClock, nowS: number): number | null {
  if (due_at === null || state === 'met' || state === 'paused') return null
  return Date.parse(due_at) / 1000 - nowS
}

/** The share of the promised time that is used, 0 to 1. */
export function usedShare(clock: SlaClock, nowS: number): number {
  const left = leftS(clock, nowS)
  const used = left === null ? clock.used_s : clock.limit_s - left
  return Math.min(1, Math.max(0, used / clock.limit_s))
}

/** A clock may run out between two answers. */
export function stateNow(clock: SlaClock, nowS: number): SlaClock['state'] {
  const left = leftS(clock, nowS)
  return clock.state === 'running' && left !== null && left <= 0 ? 'breached' : clock.state
}

/** The clock that counts now: respond until somebody works on it, then resolve. */
export function currentClock({ sla }: Incident): { name: 'respond' | 'resolve'; clock: SlaClock } {
  const name = sla.respond.state === 'running' || sla.respond.due_at !== null ? 'respond' : 'resolve'
  return { name, clock: sla[name] }
}
