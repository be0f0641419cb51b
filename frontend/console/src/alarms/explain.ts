/** What a card says in words: its name, the cause behind it, where it is. */
import type { Card } from '../api/contract'
import { city } from '../twins/twins.svelte'
import { findWord, keyed, w } from '../words.svelte'

export function isGroup(card: Card): boolean {
  return card.kind !== 'single'
}

export function cardName(card: Card): string {
  return w(keyed('alarm', card.type))
}

/** The name with the element that is at fault, where it stands alone. */
export function cardTitle(card: Card): string {
  const label = card.explanation?.values.label || (card.twin ? card.twin_name : null)
  return [isGroup(card) ? label : null, cardName(card)].filter(Boolean).join(' · ')
}

/** The root cause with its counts: "47 des 52 points lumineux de l'armoire A-112 éteints en 90 s". */
export function causeText(card: Card): string | null {
  if (!card.explanation || findWord(card.explanation.key) === null) return null
  const { members, active, expected, twin_name } = card
  const type = w(keyed('alarm', card.type))
  const things = w(`plural.${card.explanation.values.twin_type}`)
  const known = { members, active, expected, twin_name, type, things }
  return w(card.explanation.key, { ...known, ...card.explanation.values })
}

export function cardPlace(card: Card): string {
  const communes = card.communes.slice(0, 2).map((insee) => city.communeName(insee))
  const more = card.communes.length > 2 ? ` +${card.communes.length - 2}` : ''
  const name = isGroup(card) ? card.street : (card.street ?? card.twin_name)
  return [name, communes.join(', ') + more].filter(Boolean).join(' · ')
}

export function haystack(card: Card): string {
  return `${cardTitle(card)} ${card.twin_name ?? ''} ${cardPlace(card)}`.toLowerCase()
}
