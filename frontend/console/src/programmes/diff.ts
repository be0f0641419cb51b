/** A change between two versions in words: `rules.0.profile.steps.1.level_pct` is "rule 1, step 2, level". */
import type { Diff } from './contract'

type Line = Diff['lines'][number]
const COUNTED = new Set(['rules', 'steps', 'off_hours', 'ranges', 'dates', 'except_dates', 'days'])
const SILENT = new Set(['profile', 'calendar'])

export type Word = { key: string; n: number | null }

/** The words of a path in order; `n` counts from one. */
export function wordsOf(path: string): Word[] {
  const parts = path.split('.')
  const found: Word[] = []
  parts.forEach((part, at) => {
    if (/^\d+$/.test(part) || SILENT.has(part)) return
    const next = parts[at + 1]
    const isCounted = COUNTED.has(part) && next !== undefined && /^\d+$/.test(next)
    found.push({ key: part, n: isCounted ? Number(next) + 1 : null })
  })
  return found
}

export type Kind = 'added' | 'removed' | 'changed'

export function kindOf({ before, after }: Line): Kind {
  if (before === null || before === undefined) return 'added'
  return after === null || after === undefined ? 'removed' : 'changed'
}

/** A value on one line: a time span, a list, a plain value. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '—'
  if (Array.isArray(value)) return value.map(valueText).join(', ') || '—'
  if (typeof value !== 'object') return String(value)
  const fields = value as Record<string, unknown>
  if ('from' in fields && 'until' in fields) return `${String(fields['from'])}–${String(fields['until'])}`
  if ('from' in fields && 'level_pct' in fields)
    return `${String(fields['from'])} ${valueText(fields['level_pct'])}`
  return Object.values(fields)
    .filter((field) => field !== null && valueText(field) !== '—')
    .map(valueText)
    .join(' · ')
}
