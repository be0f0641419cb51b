/** What one can take hold of in the drawing of a night, by mouse or by keyboard; every move changes the table. */
import { levelAfter } from './content'
import type { Level, Rule, Span } from './contract'
import { edgeMinute, fromNoon, type SunTimes, timeAt } from './night'

export type Handle = {
  kind: 'on' | 'off' | 'step' | 'off_from' | 'off_until' | 'from' | 'until'
  /** Which step or switch-off hours. */
  at: number
  minute: number
  /** What it sets the light to; null where it only ends something. */
  level: Level | null
}
export type Move = { minutes: number; level: number }

export const GRID_MIN = 5
const OFFSET_MOST = 120

export function handlesOf({ profile, interval }: Rule, sun: SunTimes): Handle[] {
  if (interval) {
    return [
      { kind: 'from', at: 0, minute: fromNoon(interval.from), level: profile.level_pct },
      { kind: 'until', at: 0, minute: fromNoon(interval.until), level: null },
    ]
  }
  const handles: Handle[] = [
    { kind: 'on', at: 0, minute: edgeMinute(profile.on, sun), level: profile.level_pct },
    ...profile.steps.map((step, at): Handle => ({
      kind: 'step',
      at,
      minute: fromNoon(step.from),
      level: step.level_pct,
    })),
    ...profile.off_hours.flatMap((span, at): Handle[] => [
      { kind: 'off_from', at, minute: fromNoon(span.from), level: null },
      { kind: 'off_until', at, minute: fromNoon(span.until), level: null },
    ]),
    { kind: 'off', at: 0, minute: edgeMinute(profile.off, sun), level: null },
  ]
  return handles.sort((a, b) => a.minute - b.minute)
}

function shifted(time: string, minutes: number): string {
  return timeAt(Math.round((fromNoon(time) + minutes) / GRID_MIN) * GRID_MIN)
}

function shiftSpan(span: Span, end: keyof Span, minutes: number): void {
  const wanted = shifted(span[end], minutes)
  const after = end === 'from' ? { ...span, from: wanted } : { ...span, until: wanted }
  if (fromNoon(after.from) < fromNoon(after.until)) span[end] = wanted
}

/** Changes the rule as the handle is moved. */
export function move({ profile, interval }: Rule, { kind, at }: Handle, { minutes, level }: Move): void {
  if (kind === 'on' || kind === 'off') {
    const wanted = Math.round((profile[kind].offset_min + minutes) / GRID_MIN) * GRID_MIN
    if (minutes !== 0) profile[kind].offset_min = Math.max(-OFFSET_MOST, Math.min(OFFSET_MOST, wanted))
  }
  if ((kind === 'on' || kind === 'from') && level !== 0) {
    profile.level_pct = levelAfter(profile.level_pct, level)
  }
  if (kind === 'step') {
    const step = profile.steps[at]!
    if (minutes !== 0) step.from = shifted(step.from, minutes)
    if (level !== 0) step.level_pct = levelAfter(step.level_pct, level)
  }
  if (minutes === 0) return
  if (kind === 'off_from') shiftSpan(profile.off_hours[at]!, 'from', minutes)
  if (kind === 'off_until') shiftSpan(profile.off_hours[at]!, 'until', minutes)
  if (interval && (kind === 'from' || kind === 'until')) shiftSpan(interval, kind, minutes)
}

/** Takes a step or switch-off hours away; the rest of a night always stays. */
export function remove({ profile }: Rule, { kind, at }: Handle): void {
  if (kind === 'step') profile.steps.splice(at, 1)
  if (kind === 'off_from' || kind === 'off_until') profile.off_hours.splice(at, 1)
}
