/** The alarm list's tabs, filters and cursor, shared by the list and the keys J, K, A, S, G. */
import type { Card, Priority } from '../api/contract'
import { fetchJson } from '../api/requests'
import { desk } from '../focus.svelte'
import { session } from '../session.svelte'
import { tellRefusal } from '../telling'
import { t } from '../words.svelte'
import { byUrgency, cards } from './cards.svelte'
import type { AlarmList, AlarmLists } from './contract'
import { haystack } from './explain'

export const LISTS: AlarmList[] = ['shown', 'shelved', 'out_of_service', 'stale']

class AlarmListState {
  list = $state<AlarmList>('shown')
  hidden = $state.raw(new Set<Priority>())
  onlyUnacknowledged = $state(false)
  text = $state('')
  /** The cards of a list that is not the first; the post decides which they are. */
  aside = $state.raw<Card[]>([])
  all = $derived(this.list === 'shown' ? cards.sorted : this.aside)
  visible = $derived(
    this.all.filter(
      (card) =>
        !this.hidden.has(card.priority) &&
        (!this.onlyUnacknowledged || card.unacknowledged > 0) &&
        (this.text === '' || haystack(card).includes(this.text.toLowerCase())),
    ),
  )
  cursorId = $derived(desk.focus.kind === 'part' && desk.focus.panel === 'card' ? desk.focus.id : null)
  cursor = $derived(this.visible.findIndex((card) => card.id === this.cursorId))
  private reload: ReturnType<typeof setTimeout> | undefined

  toggle(priority: Priority): void {
    const next = new Set(this.hidden)
    if (!next.delete(priority)) next.add(priority)
    this.hidden = next
  }

  async show(list: AlarmList): Promise<void> {
    this.list = list
    this.aside = []
    await this.loadAside()
  }

  private async loadAside(): Promise<void> {
    const { list } = this
    if (list === 'shown') return
    try {
      const answer = await fetchJson<AlarmLists>(`/api/alarms?list=${list}`)
      if (this.list === list) this.aside = answer.cards.toSorted(byUrgency)
    } catch (error) {
      tellRefusal(error)
    }
  }

  /** News came that may concern the list beside. */
  refreshSoon(): void {
    if (this.list === 'shown') return
    this.reload ??= setTimeout(() => {
      this.reload = undefined
      void this.loadAside()
    }, 1000)
  }

  open(card: Card): void {
    desk.showPart('card', card.id)
  }

  move(step: number): void {
    const last = this.visible.length - 1
    const at = this.cursor < 0 ? (step > 0 ? 0 : last) : Math.min(last, Math.max(0, this.cursor + step))
    const card = this.visible[at]
    if (card) this.open(card)
  }

  current(): Card | null {
    const id = this.cursorId
    return (id && (cards.byId.get(id) ?? this.aside.find((card) => card.id === id))) || null
  }

  goThere(): void {
    const card = this.current()
    if (card) desk.go([card.lon, card.lat], card.kind === 'single' ? 17 : 15)
  }

  async acknowledge(card: Card | null = this.current()): Promise<void> {
    if (!card || card.unacknowledged === 0) return
    if (!mayOn(card, 'acknowledge')) return desk.say(t('error.not_allowed'), true)
    try {
      await cards.acknowledge([card.id])
    } catch (error) {
      tellRefusal(error)
    }
  }

  shelve(card: Card | null = this.current()): void {
    if (!card || card.shelved) return
    if (!mayOn(card, 'shelve')) return desk.say(t('error.not_allowed'), true)
    desk.ask('alarms.shelve', { card })
  }

  reset(): void {
    this.list = 'shown'
    this.aside = []
    this.text = ''
    this.hidden = new Set()
    this.onlyUnacknowledged = false
  }
}

export function mayOn(card: Card, verb: 'acknowledge' | 'shelve' | 'handle' | 'configure'): boolean {
  return card.communes.some((commune) => session.may(verb, card.trade, commune))
}

export const alarmList = new AlarmListState()
