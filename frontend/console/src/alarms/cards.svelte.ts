/** The cards that stand, in the one order that the list, the map and the keys share. */
import type { Card, Priority } from '../api/contract'
import { act, fetchJson } from '../api/requests'
import type { AlarmLists, ListCounts } from './contract'

export const PRIORITIES: Priority[] = [1, 2, 3, 4]
/** The post gives no more in one list. */
const MOST_CARDS = 2000
const NO_COUNTS: ListCounts = { shown: {}, shelved: 0, out_of_service: 0, stale: 0 }

/** Gone from the list once nothing stands in it: cleared, taken note of, not latched; or its alarms moved to another card. */
export function isOver(card: Card): boolean {
  return card.active === 0 && card.unacknowledged === 0 && !card.latched
}

export function isShown(card: Card): boolean {
  return !isOver(card) && card.shelved === null && (card.disposition ?? 'shown') === 'shown'
}

/** Worst first, then newest; acknowledging never moves a row. */
export function byUrgency(a: Card, b: Card): number {
  return a.priority - b.priority || (a.raised_at < b.raised_at ? 1 : a.raised_at > b.raised_at ? -1 : 0)
}

/** Of two versions of a card the higher wins, whatever order they came in. */
export function merged(known: Map<string, Card>, news: Iterable<Card>): Map<string, Card> {
  const next = new Map(known)
  for (const card of news) {
    const before = next.get(card.id)
    if (before && before.version > card.version) continue
    if (isShown(card)) next.set(card.id, card)
    else next.delete(card.id)
  }
  return next
}

/** Whether somebody must be called to the screen: new to the list, or raised again since. */
export function isNews(card: Card, before: Card | undefined): boolean {
  if (!isShown(card) || card.unacknowledged === 0 || card.active === 0) return false
  return before === undefined || before.acknowledged_at !== null
}

class Cards {
  byId = $state.raw(new Map<string, Card>())
  sorted = $derived([...this.byId.values()].sort(byUrgency))
  counts = $derived(countByPriority(this.sorted))
  urgent = $derived(this.sorted.some((card) => card.priority === 1 && card.unacknowledged > 0))
  /** What the post counts in the lists that are not on screen. */
  listCounts = $state.raw<ListCounts>(NO_COUNTS)
  flood = $state(false)
  /** Alarms that stand behind the cards. */
  raw = $state(0)
  onNews: ((card: Card) => void) | null = null
  private pending = new Map<string, Card>()
  private flush: ReturnType<typeof setTimeout> | undefined
  private recount: ReturnType<typeof setTimeout> | undefined

  async load(): Promise<void> {
    const { cards, counts, flood, raw } = await fetchJson<AlarmLists>('/api/alarms?list=shown')
    this.byId = merged(new Map(), cards)
    this.listCounts = counts
    this.flood = flood
    this.raw = raw
  }

  /** News are gathered, longer when many are known: a storm does not redraw the list a thousand times. */
  take(card: Card): void {
    const waiting = this.pending.get(card.id)
    if (waiting && waiting.version > card.version) return
    if (isNews(card, waiting ?? this.byId.get(card.id))) this.onNews?.(card)
    this.pending.set(card.id, card)
    this.flush ??= setTimeout(() => this.redraw(), this.byId.size < 1000 ? 100 : 500)
    this.recountSoon()
  }

  private redraw(): void {
    this.flush = undefined
    const news = this.pending
    this.pending = new Map()
    this.byId = merged(this.byId, news.values())
  }

  /** Flood and the counts of all lists are the post's to say: asked with the shortest list, at most every 2 s. */
  recountSoon(): void {
    this.recount ??= setTimeout(async () => {
      const answer = await fetchJson<AlarmLists>('/api/alarms?list=stale').catch(() => null)
      this.recount = undefined
      if (!answer) return
      this.listCounts = answer.counts
      this.flood = answer.flood
      this.raw = answer.raw
      // A card whose alarms all went to another one is gone without a word.
      const shown = Object.values(answer.counts.shown).reduce((sum, n) => sum + n, 0)
      if (shown < MOST_CARDS && shown !== this.byId.size && this.pending.size === 0) {
        await this.load().catch(() => null)
      }
    }, 2000)
  }

  /** The post knows it no more. */
  drop(id: string): void {
    const next = new Map(this.byId)
    if (next.delete(id)) this.byId = next
  }

  async acknowledge(ids: string[]): Promise<void> {
    await act('alarms.acknowledge', { cards: ids, alarms: [] })
    await Promise.all(ids.map((id) => this.refresh(id)))
  }

  /** One card as it is now, for whoever acted on it. */
  async refresh(id: string): Promise<Card> {
    const card = await fetchJson<Card>(`/api/alarms/cards/${encodeURIComponent(id)}`)
    this.byId = merged(this.byId, [card])
    return card
  }

  clear(): void {
    clearTimeout(this.flush)
    clearTimeout(this.recount)
    this.flush = this.recount = undefined
    this.pending.clear()
    this.byId = new Map()
    this.listCounts = NO_COUNTS
    this.flood = false
    this.raw = 0
  }
}

function countByPriority(cards: Card[]): Record<Priority, number> {
  const counts: Record<Priority, number> = { 1: 0, 2: 0, 3: 0, 4: 0 }
  for (const card of cards) counts[card.priority]++
  return counts
}

export const cards = new Cards()
