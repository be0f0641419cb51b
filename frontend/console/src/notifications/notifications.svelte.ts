/** My notifications, for the badge and the list. */
import { act, fetchJson, PostError } from '../api/requests'
import { live } from '../live'
import { tellRefusal } from '../telling'
import type { Notification } from './contract'

class Notifications {
  list = $state.raw<Notification[] | null>(null)
  readonly unread = $derived((this.list ?? []).filter(({ read_at }) => read_at === null))
  private timer: ReturnType<typeof setTimeout> | undefined

  /** Keeps the list up to date until the function that it returns is called. */
  follow(): () => void {
    this.loadSoon(0)
    const ends = [
      live.on('room', ({ part }) => {
        if (part === 'notifications') this.loadSoon(300)
      }),
      live.onGap(() => this.loadSoon(0)),
      () => clearTimeout(this.timer),
      () => (this.list = null),
    ]
    return () => ends.forEach((end) => end())
  }

  /** News come in bursts: one question answers them all. */
  private loadSoon(waitMs: number): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.load(), waitMs)
  }

  async load(): Promise<void> {
    try {
      this.list = await fetchJson<Notification[]>('/api/notifications')
    } catch (error) {
      // The link's own banner tells when the post is away.
      if (!(error instanceof PostError)) throw error
    }
  }

  async read(ids: string[]): Promise<void> {
    if (ids.length === 0) return
    try {
      await act('notifications.read', { ids })
      await this.load()
    } catch (error) {
      tellRefusal(error)
    }
  }
}

export const notifications = new Notifications()
