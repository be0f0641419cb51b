/** What the filters ask of the post; days are the city's, the last one included. */
import { instantOf } from '../zone'
import type { Filters, Line, Page } from './contract'

/** The instants of a span of local days, or null when a day is no day. */
export function spanOf(from: string, to: string, zone: string): { from: string | null; to: string | null } {
  return {
    from: from ? instantOf(`${from}T00:00`, zone) : null,
    to: to ? instantOf(`${dayAfter(to)}T00:00`, zone) : null,
  }
}

export function dayAfter(day: string, days = 1): string {
  const at = new Date(`${day}T12:00:00Z`)
  if (Number.isNaN(at.getTime())) return day
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}

export function queryOf(filters: Filters, zone: string, lang: string, before: number | null): string {
  const { q, kind, trade, commune } = filters
  const span = spanOf(filters.from, filters.to, zone)
  const asked = { q: q.trim(), kind, trade, commune, ...span, before, lang }
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(asked)) if (value) query.set(key, String(value))
  return query.toString()
}

/** A newer first page laid over what is shown: new lines before, corrections noted on the lines that they correct. */
export function joinNewest(shown: Line[], page: Page): { lines: Line[]; joined: boolean } {
  const oldest = page.lines.at(-1)?.line_no
  const overlaps = oldest !== undefined && shown.some(({ line_no }) => line_no >= oldest)
  if (!overlaps && page.more) return { lines: page.lines, joined: false }
  const corrected = new Map(page.lines.map((line) => [line.corrects, line]))
  const older = shown
    .filter(({ line_no }) => oldest === undefined || line_no < oldest)
    .map((line) => withCorrection(line, corrected.get(line.line_no)))
  return { lines: [...page.lines, ...older], joined: true }
}

function withCorrection(line: Line, by: Line | undefined): Line {
  if (!by || line.corrected_by !== null) return line
  const { line_no, at, text } = by
  return { ...line, corrected_by: line_no, beside: { line_no, at, by: by.by, text } }
}
