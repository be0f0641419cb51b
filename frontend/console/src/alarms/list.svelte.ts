/** The alarm list's filters and cursor, shared by the list and the keys J, K, A, G. */
import type { Alarm, Priority } from '../api/contract'
import { desk } from '../focus.svelte'
import { session } from '../session.svelte'
import { t, keyed, w } from '../words.svelte'
import { alarms } from './alarms.svelte'
import { tellRefusal } from '../telling'

class AlarmListState {
  hidden = $state.raw(new Set<Priority>())
  onlyUnacknowledged = $state(false)
  text = $state('')
  visible = $derived(
    alarms.sorted.filter(
      (alarm) =>
        !this.hidden.has(alarm.priority) &&
        (!this.onlyUnacknowledged || alarm.acknowledged_at === null) &&
        (this.text === '' || haystack(alarm).includes(this.text.toLowerCase())),
    ),
  )
  cursorId = $derived(desk.focus.kind === 'twin' ? desk.focus.alarm : null)
  cursor = $derived(this.visible.findIndex((alarm) => alarm.id === this.cursorId))

  toggle(priority: Priority): void {
    const next = new Set(this.hidden)
    if (!next.delete(priority)) next.add(priority)
    this.hidden = next
  }

  open(alarm: Alarm): void {
    desk.showTwin(alarm.twin, alarm.id)
  }

  move(step: number): void {
    const last = this.visible.length - 1
    const at = this.cursor < 0 ? (step > 0 ? 0 : last) : Math.min(last, Math.max(0, this.cursor + step))
    const alarm = this.visible[at]
    if (alarm) this.open(alarm)
  }

  current(): Alarm | null {
    return (this.cursorId && alarms.byId.get(this.cursorId)) || null
  }

  goThere(): void {
    const alarm = this.current()
    if (alarm) desk.go([alarm.lon, alarm.lat], 17)
  }

  async acknowledge(alarm: Alarm | null = this.current()): Promise<void> {
    if (!alarm || alarm.acknowledged_at !== null) return
    if (!session.may('acknowledge', alarm.trade, alarm.commune)) return desk.say(t('error.not_allowed'), true)
    try {
      await alarms.acknowledge(alarm.id)
    } catch (error) {
      tellRefusal(error)
    }
  }
}

function haystack(alarm: Alarm): string {
  return `${w(keyed('alarm', alarm.type))} ${alarm.twin_name} ${alarm.street ?? ''}`.toLowerCase()
}

export const alarmList = new AlarmListState()
