/** The directory as it is looked at: what was asked, what came, kept up to date. */
import { fetchJson } from '../api/requests'
import type { Contact } from './contract'
import { refusalText } from '../telling'

class Directory {
  contacts = $state.raw<Contact[] | null>(null)
  failed = $state<string | null>(null)
  filters = $state({ q: '', commune: '', openOnly: false })
  private asked = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  loadSoon(waitMs = 0): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.load(), waitMs)
  }

  /** The newest question wins, whatever order the answers come in. */
  async load(): Promise<void> {
    const turn = ++this.asked
    const { q, commune, openOnly } = this.filters
    const query = new URLSearchParams({ q, commune, now: String(openOnly) })
    try {
      const contacts = await fetchJson<Contact[]>(`/api/directory?${query.toString()}`)
      if (turn === this.asked) [this.contacts, this.failed] = [contacts, null]
    } catch (error) {
      if (turn === this.asked) this.failed = refusalText(error)
    }
  }
}

export const directory = new Directory()
