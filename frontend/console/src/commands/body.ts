/** From a manifest's fields to a command body, and from a payload back to words. */
import type { Command, CommandBody, CommandType, Field, FieldValue, Selection, Trade } from '../api/contract'
import type { Aim } from '../focus.svelte'
import { city, twins } from '../twins/twins.svelte'
import { formatAge, formatNumber, t, unitSign, w } from '../words.svelte'

/** How long an order may wait for a device, and how long one may wait for a second person. */
export const EXPIRES_S = 120
export const EXPIRES_WITH_APPROVAL_S = 900

export function startPayload(fields: Field[]): Record<string, FieldValue> {
  return Object.fromEntries(
    fields.map((field) => [
      field.key,
      field.default ?? field.choices[0] ?? (field.kind === 'text' ? '' : (field.min ?? 0)),
    ]),
  )
}

/** What keeps a field's value from being sent, as a key of the console's words, or null. */
export function fieldFault(field: Field, value: FieldValue | undefined): string | null {
  if (field.optional && value === '') return null
  if (field.kind === 'choice') return field.choices.includes(String(value)) ? null : 'field.choose'
  if (field.kind === 'text') return null
  if (typeof value !== 'number' || Number.isNaN(value)) return 'field.number'
  if (field.min !== null && value < field.min) return 'field.too_low'
  if (field.max !== null && value > field.max) return 'field.too_high'
  return null
}

/** An optional field that was left empty is left out. */
export function makeBody(
  key: string,
  targets: Selection,
  filled: Record<string, FieldValue>,
  reason: string,
  idempotencyKey: string,
  expiresS = EXPIRES_S,
): CommandBody {
  const payload = Object.fromEntries(Object.entries(filled).filter(([, value]) => value !== ''))
  return {
    key,
    targets,
    payload,
    reason,
    expires_s: expiresS,
    idempotency_key: idempotencyKey,
    precondition: null,
  }
}

/** Seconds in one unit of a duration field. */
export function secondsPer(unit: string | null): number {
  return { min: 60, h: 3600 }[unit ?? 's'] ?? 1
}

export function fieldText(trade: string, field: Field, value: FieldValue): string {
  const label = w(`${trade}.field.${field.key}`)
  if (field.kind === 'choice') return w(`${trade}.choice.${field.key}.${value}`)
  if (typeof value !== 'number') return `${label} ${value}`
  if (field.kind === 'duration') return `${label} ${formatAge(value * secondsPer(field.unit))}`
  return `${label} ${formatNumber(value)} ${unitSign(field.unit)}`.trim()
}

export function payloadText(trades: Trade[], command: Pick<Command, 'key' | 'payload'>): string {
  const found = findCommand(trades, command.key)
  if (!found) return ''
  return found.command.fields
    .filter((field) => command.payload[field.key] !== undefined && command.payload[field.key] !== null)
    .map((field) => fieldText(found.trade, field, command.payload[field.key]!))
    .join(' · ')
}

export function findCommand(trades: Trade[], key: string): { trade: string; command: CommandType } | null {
  for (const { trade, commands } of trades) {
    const command = commands.find((one) => one.key === key)
    if (command) return { trade, command }
  }
  return null
}

/** The trade's own command that gives a twin back to its programme. */
export function findRelease(trades: Trade[], trade: string, type: string): CommandType | null {
  const own = trades.find((one) => one.trade === trade)?.commands ?? []
  return (
    own.find(({ key, twin_types }) => key.startsWith(`${trade}.release_`) && twin_types.includes(type)) ??
    null
  )
}

export function selectionText(selection: Selection): string {
  if (selection.kind === 'all') return t('area.all')
  if (selection.kind === 'commune') return selection.ids.map((insee) => city.communeName(insee)).join(', ')
  const n = selection.kind === 'polygon' ? selection.rings.length : selection.ids.length
  const only = selection.kind === 'twins' && n === 1 ? twins.find(selection.ids[0]!) : null
  if (only) return only.columns.nameOf(only.index) ?? ''
  return `${t(`area.kind_${selection.kind}`)}${n > 1 ? ` (${n})` : ''}`
}

/** Where an order acts: its area when it has one, else its first targets; and the middle of it. */
export function aimOf(selection: Selection, targets: string[]): Aim & { center: [number, number] | null } {
  if (selection.kind === 'polygon') {
    const ring = selection.rings[0]!.slice(1)
    const middle = (axis: 0 | 1) => ring.reduce((sum, point) => sum + point[axis], 0) / ring.length
    return { selection, ring, title: '', center: [middle(0), middle(1)] }
  }
  if (selection.kind === 'commune')
    return { selection, ring: null, title: '', center: city.commune(selection.ids[0]!)?.center ?? null }
  if (selection.kind === 'all')
    return { selection, ring: null, title: '', center: city.bootstrap?.city.center ?? null }
  const first = twins.find(targets[0]!)
  const { lon, lat } = first?.columns.positions ?? {}
  const center: [number, number] | null = first ? [lon![first.index]!, lat![first.index]!] : null
  return { selection: { kind: 'twins', ids: targets }, ring: null, title: '', center }
}
