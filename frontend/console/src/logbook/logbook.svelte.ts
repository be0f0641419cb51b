/** The logbook as it is looked at: what was asked, what came, what came since. */
import { fetchJson } from '../api/requests'
import { refusalText } from '../telling'
import { words } from '../words.svelte'
import { NO_FILTERS, type Filters, type Line, type Page } from './contract'
import { joinNewest, queryOf } from './query'

class Logbook {
  filters = $state<Filters>({ ...NO_FILTERS })
  lines = $state.raw<Line[] | null>(null)
  more = $state(false)
  failed = $state<string | null>(null)
  busy = $state(false)
  /** Something was written while somebody read further down. */
  waiting = $state(false)
  private asked = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  get filtering(): boolean {
    return Object.values(this.filters).some((value) => value !== '')
  }

  loadSoon(waitMs = 0): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.load(), waitMs)
  }

  /** The newest question wins, whatever order the answers come in. */
  async load(): Promise<void> {
    const page = await this.ask(null)
    if (page) [this.lines, this.more, this.waiting] = [page.lines, page.more, false]
  }

  /** Lays what was written since over what is shown. */
  async refresh(): Promise<void> {
    if (this.lines === null) return this.load()
    const page = await this.ask(null)
    if (!page) return
    const { lines, joined } = joinNewest(this.lines, page)
    this.lines = lines
    if (!joined) this.more = page.more
    this.waiting = false
  }

  async loadMore(): Promise<void> {
    const last = this.lines?.at(-1)
    if (!last || !this.more || this.busy) return
    const page = await this.ask(last.line_no)
    if (page) [this.lines, this.more] = [[...(this.lines ?? []), ...page.lines], page.more]
  }

  reset(): void {
    this.filters = { ...NO_FILTERS }
  }

  private async ask(before: number | null): Promise<Page | null> {
    const turn = ++this.asked
    this.busy = true
    try {
      const query = queryOf($state.snapshot(this.filters), words.zone, words.lang, before)
      const page = await fetchJson<Page>(`/api/logbook?${query}`)
      if (turn !== this.asked) return null
      this.failed = null
      return page
    } catch (error) {
      if (turn === this.asked) this.failed = refusalText(error)
      return null
    } finally {
      if (turn === this.asked) this.busy = false
    }
  }
}

export const logbook = new Logbook()
