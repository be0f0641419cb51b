/** Local times that people type are the city's, wherever the screen stands. */
import { words } from './words.svelte'

function partsOf(epochMs: number, zone: string): Record<string, string> {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  return Object.fromEntries(format.formatToParts(new Date(epochMs)).map(({ type, value }) => [type, value]))
}

/** An instant as `<input type="datetime-local">` wants it: 2026-10-25T02:30, in the city's time. */
export function localOf(epochMs: number, zone = words.zone): string {
  const { year, month, day, hour, minute } = partsOf(epochMs, zone)
  return `${year}-${month}-${day}T${hour}:${minute}`
}

/**
 * The instant of a local time of the city, in ISO 8601 UTC; null when the text is none.
 * An hour that comes twice (autumn) is the first of the two that is not before `from`; one that never comes (spring)
 * is an hour later.
 */
export function instantOf(local: string, zone = words.zone, from = -Infinity): string | null {
  const wall = Date.parse(`${local}Z`)
  if (Number.isNaN(wall)) return null
  const offset = (epochMs: number) => Date.parse(`${localOf(epochMs, zone)}Z`) - epochMs
  const guesses = [wall - offset(wall - 86_400_000), wall - offset(wall + 86_400_000)].sort((a, b) => a - b)
  const exact = guesses.filter((epochMs) => localOf(epochMs, zone) === local.slice(0, 16))
  return new Date(exact.find((epochMs) => epochMs >= from) ?? exact[0] ?? guesses[1]!).toISOString()
}
