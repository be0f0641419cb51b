/** Curves of levels over instants: as a line to draw, and as words. */
import type { Curve, Mark } from './contract'

export type Box = { from: number; until: number; width: number; height: number }

/** An SVG path: level until the next instant, then up or down at once. */
export function stepPath(marks: Mark[], { from, until, width, height }: Box): string {
  const x = (at: number) => round(((Math.min(until, Math.max(from, at)) - from) / (until - from)) * width)
  const y = (level: number) => round(height - (level / 100) * height)
  const parts = marks.map(
    ([at, level], k) =>
      `${k === 0 ? 'M' : 'H'}${x(Date.parse(at))}${k === 0 ? ` ${y(level)}` : `V${y(level)}`}`,
  )
  return marks.length === 0 ? '' : `${parts.join('')}H${width}`
}

const round = (value: number) => Math.round(value * 10) / 10

/** Whether a group of lights does the same before and after. */
export function isSame({ before, after }: Curve): boolean {
  const plain = (marks: Mark[]) =>
    marks
      .filter(([, level], at) => level !== marks[at - 1]?.[1])
      .map(([at, level]) => `${Date.parse(at)} ${level}`)
      .join()
  return plain(before) === plain(after)
}
