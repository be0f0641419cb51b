/** Which streets are listed, and minutes of a day as people write them. */
import type { LedgerStreet, Street } from './contract'

export type Filter = { q: string; class: string; inferredOnly: boolean }

const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

export function filterStreets(streets: Street[], { q, class: wanted, inferredOnly }: Filter): Street[] {
  const words = fold(q.trim())
  return streets.filter(
    (one) =>
      fold(one.street).includes(words) &&
      (wanted === '' || one.classes.includes(wanted) || one.class === wanted) &&
      (!inferredOnly || one.inferred),
  )
}

/** Minutes of the local day as a time: 1410 is 23:30. */
export function timeOfDay(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** A time as minutes of the local day; null when it is none. */
export function minutesOf(time: string): number | null {
  const found = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time)
  return found ? Number(found[1]) * 60 + Number(found[2]) : null
}

export type Total = Omit<LedgerStreet, 'street'>

/** All streets of a ledger together. */
export function totalOf(streets: LedgerStreet[]): Total {
  const sum = (pick: (one: LedgerStreet) => number) => streets.reduce((all, one) => all + pick(one), 0)
  return {
    lights: sum((one) => one.lights),
    baseline_kwh: sum((one) => one.baseline_kwh),
    led_kwh: sum((one) => one.led_kwh),
    static_kwh: sum((one) => one.static_kwh),
    adaptive_kwh: sum((one) => one.adaptive_kwh),
    static_under_min: sum((one) => one.static_under_min),
    adaptive_under_min: sum((one) => one.adaptive_under_min),
  }
}

/** What is saved against a baseline, in per cent of it; nothing of nothing is 0. */
export function savedPct(baseline_kwh: number, kwh: number): number {
  return baseline_kwh === 0 ? 0 : 100 * (1 - kwh / baseline_kwh)
}
