/** The active alarms, in the one order that the list, the map and the keys share. */
import type { Alarm, Priority } from '../api/contract'
import { post } from '../api/requests'

export const PRIORITIES: Priority[] = [1, 2, 3, 4]

/** Gone from the list once it is both cleared and acknowledged. */
export function isOpen(alarm: Alarm): boolean {
  return alarm.cleared_at === null || alarm.acknowledged_at === null
}

/** Worst first, then newest; acknowledging never moves a row. */
export function byUrgency(a: Alarm, b: Alarm): number {
  return a.priority - b.priority || (a.raised_at < b.raised_at ? 1 : a.raised_at > b.raised_at ? -1 : 0)
}

/** Of two versions of an alarm the higher wins, whatever order they came in. */
export function merged(known: Map<string, Alarm>, news: Iterable<Alarm>): Map<string, Alarm> {
  const next = new Map(known)
  for (const alarm of news) {
    const before = next.get(alarm.id)
    if (before && before.version > alarm.version) continue
    if (isOpen(alarm)) next.set(alarm.id, alarm)
    else next.delete(alarm.id)
  }
  return next
}

class Alarms {
  byId = $state.raw(new Map<string, Alarm>())
  sorted = $derived([...this.byId.values()].sort(byUrgency))
  counts = $derived(countByPriority(this.sorted))
  urgent = $derived(this.sorted.some((alarm) => alarm.priority === 1 && alarm.acknowledged_at === null))
  private pending: Alarm[] = []
  private flush: ReturnType<typeof setTimeout> | undefined
  onRaised: ((alarm: Alarm) => void) | null = null

  async load(): Promise<void> {
    this.byId = merged(new Map(), await post.alarms())
  }

  /** News are gathered, longer when many are known: a storm does not redraw the list a thousand times. */
  take(alarm: Alarm): void {
    if (!this.byId.has(alarm.id) && alarm.cleared_at === null) this.onRaised?.(alarm)
    this.pending.push(alarm)
    this.flush ??= setTimeout(
      () => {
        this.flush = undefined
        this.byId = merged(this.byId, this.pending.splice(0))
      },
      this.byId.size < 1000 ? 100 : 500,
    )
  }

  async acknowledge(id: string): Promise<void> {
    this.byId = merged(this.byId, [await post.acknowledge(id)])
  }
}

function countByPriority(alarms: Alarm[]): Record<Priority, number> {
  const counts: Record<Priority, number> = { 1: 0, 2: 0, 3: 0, 4: 0 }
  for (const alarm of alarms) counts[alarm.priority]++
  return counts
}

export const alarms = new Alarms()
