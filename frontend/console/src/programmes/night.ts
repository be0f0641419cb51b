/** A night runs from local noon to local noon; its minutes are counted from the first noon. */
import { localOf } from '../zone'
import type { Edge, Level, Profile, Sun } from './contract'

export const DAY_MIN = 1440
const NOON_MIN = 720

/** Minutes from noon of a time of day: 23:00 is 660, 01:00 is 780. */
export function fromNoon(hhmm: string): number {
  const [hours = 0, minutes = 0] = hhmm.split(':').map(Number)
  return (hours * 60 + minutes - NOON_MIN + DAY_MIN) % DAY_MIN
}

/** The time of day so many minutes after noon; what lies outside of the night is its border. */
export function timeAt(minute: number): string {
  const bounded = Math.max(0, Math.min(DAY_MIN - 1, Math.round(minute)))
  const ofDay = (bounded + NOON_MIN) % DAY_MIN
  return `${String(Math.floor(ofDay / 60)).padStart(2, '0')}:${String(ofDay % 60).padStart(2, '0')}`
}

/** A time as people type it: 23:30, 2330, 23h30, 7:05, 23; null when it is none. */
export function readTime(text: string): string | null {
  const found = /^\s*(\d{1,2})(?:\s*[:h.]?\s*(\d{2}))?\s*h?\s*$/i.exec(text)
  const [hours, minutes] = [Number(found?.[1]), Number(found?.[2] ?? 0)]
  if (!found || hours > 23 || minutes > 59) return null
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
}

/** The evening's date of the night that an instant belongs to, in the city's time. */
export function nightOf(epochMs: number, zone: string): string {
  return localOf(epochMs - NOON_MIN * 60_000, zone).slice(0, 10)
}

export function dayAfter(day: string, days: number): string {
  const at = new Date(`${day}T12:00:00Z`)
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}

/** Where the sun crosses an elevation: minutes from noon, of the evening or of the morning. */
export type SunTimes = Record<Sun, number>

export function edgeMinute(edge: Edge, sun: SunTimes): number {
  const wanted = sun[edge.sun] + edge.offset_min
  const low = edge.not_before === null ? 0 : fromNoon(edge.not_before)
  const high = edge.not_after === null ? DAY_MIN : fromNoon(edge.not_after)
  return Math.min(high, Math.max(low, wanted))
}

export type Piece = { from: number; until: number; level: Level }

/** What a profile does in one night, as pieces of equal level in order; nothing when the night has no dark. */
export function piecesOf(profile: Profile, sun: SunTimes): Piece[] {
  const on = edgeMinute(profile.on, sun)
  const off = edgeMinute(profile.off, sun)
  const steps = profile.steps
    .map((step) => ({ at: fromNoon(step.from), level: step.level_pct }))
    .sort((a, b) => a.at - b.at)
  const spans = profile.off_hours.map((span) => [fromNoon(span.from), fromNoon(span.until)] as const)
  const cuts = [on, off, ...steps.map(({ at }) => at), ...spans.flat()]
    .filter((at) => at >= on && at <= off)
    .sort((a, b) => a - b)
  const pieces: Piece[] = []
  cuts.forEach((from, at) => {
    const until = cuts[at + 1]
    if (until === undefined || until <= from) return
    const dark = spans.some(([start, end]) => from >= start && from < end)
    const level = dark ? 0 : (steps.findLast((step) => step.at <= from)?.level ?? profile.level_pct)
    const last = pieces.at(-1)
    if (last?.until === from && last.level === level) last.until = until
    else pieces.push({ from, until, level })
  })
  return pieces
}

export type HourMark = { at: number; label: string; again: boolean }

/** The full hours of a night by the city's clocks; in autumn one of them comes twice, in spring one is missing. */
export function hourMarks(from: string, until: string, zone: string, everyH = 1): HourMark[] {
  const marks: HourMark[] = []
  for (let at = Date.parse(from); at <= Date.parse(until); at += 3_600_000) {
    const label = localOf(at, zone).slice(11)
    const again = marks.at(-1)?.label === label
    marks.push({ at, label, again })
  }
  return marks.filter(({ label, again }) => again || Number(label.slice(0, 2)) % everyH === 0)
}
