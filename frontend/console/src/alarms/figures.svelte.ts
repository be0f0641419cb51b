/** The load of the room in figures, asked once a minute: targets are 1 alarm in 10 min per operator and 5/15/80 %. */
import { fetchJson, PostError } from '../api/requests'
import type { Figures } from './contract'

const EVERY_MS = 60_000

class AlarmFigures {
  now = $state.raw<Figures | null>(null)
  private timer: ReturnType<typeof setInterval> | undefined

  start(): void {
    void this.load()
    this.timer = setInterval(() => void this.load(), EVERY_MS)
  }

  stop(): void {
    clearInterval(this.timer)
    this.now = null
  }

  /** The link's own banner says when the post is silent: the last figures stay. */
  async load(): Promise<void> {
    try {
      this.now = await fetchJson<Figures>('/api/alarms/figures')
    } catch (error) {
      if (!(error instanceof PostError)) throw error
    }
  }
}

export const figures = new AlarmFigures()

/** Shares of P1, P2 and P3, P4 in whole percents, against 5/15/80. */
export function mixOf(mix: Figures['mix']): [number, number, number] {
  const percent = (share: number) => Math.round(100 * share)
  return [percent(mix[1] ?? 0), percent((mix[2] ?? 0) + (mix[3] ?? 0)), percent(mix[4] ?? 0)]
}
