/** Lists of calls and the queue's figures, kept up to date while somebody looks. */
import { fetchJson } from '../api/requests'
import { live } from '../live'
import { refusalText } from '../telling'
import type { Call, Figures, ListOf } from './contract'

class Calls {
  lists = $state.raw<Partial<Record<ListOf, Call[]>>>({})
  figures = $state.raw<Figures | null>(null)
  failed = $state<string | null>(null)
  private asked = 0

  /** Loads these lists again; the newest question wins. */
  async load(wanted: readonly ListOf[], figuresToo = false): Promise<void> {
    const turn = ++this.asked
    try {
      const found = await Promise.all(wanted.map((list) => fetchJson<Call[]>(`/api/calls?list=${list}`)))
      const figures = figuresToo ? await fetchJson<Figures>('/api/calls/figures') : this.figures
      if (turn !== this.asked) return
      const fresh = Object.fromEntries(wanted.map((list, k) => [list, found[k]!]))
      this.lists = { ...this.lists, ...fresh }
      this.figures = figures
      this.failed = null
    } catch (error) {
      if (turn === this.asked) this.failed = refusalText(error)
    }
  }

  /** Calls `again` soon after each change of a call and after each gap, until the function it returns is called. */
  follow(again: () => void): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined
    const soon = () => {
      clearTimeout(timer)
      timer = setTimeout(again, 100)
    }
    const ends = [
      live.on('room', ({ part }) => {
        if (part === 'calls') soon()
      }),
      live.onGap(soon),
      () => clearTimeout(timer),
    ]
    return () => ends.forEach((end) => end())
  }
}

export const calls = new Calls()
