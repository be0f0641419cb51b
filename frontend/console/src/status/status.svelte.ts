/** The post's health as it was last told, asked again while somebody looks. */
import { fetchJson } from '../api/requests'
import { clock } from '../clock.svelte'
import { refusalText } from '../telling'
import type { Service, Status } from './contract'

const EVERY_MS = 2000

class PostStatus {
  now = $state.raw<Status | null>(null)
  failed = $state<string | null>(null)
  askedAt = $state(0)
  private previous: Status | null = null

  /** Asks until the function that it returns is called. */
  follow(): () => void {
    void this.load()
    const timer = setInterval(() => void this.load(), EVERY_MS)
    return () => clearInterval(timer)
  }

  /** Share of one processor between the last two answers; null where that cannot be told. */
  cpuShare(of: Service): number | null {
    const [now, before] = [this.now, this.previous]
    const [later, earlier] = [now, before].map((one) =>
      one?.services?.find(({ name, host }) => name === of.name && host === of.host),
    )
    if (!now || !before || !later || !earlier) return null
    const lapseS = (Date.parse(now.at) - Date.parse(before.at)) / 1000
    return lapseS > 0 && later.cpu_s >= earlier.cpu_s ? (later.cpu_s - earlier.cpu_s) / lapseS : null
  }

  async load(): Promise<void> {
    try {
      const found = await fetchJson<Status>('/api/status')
      this.previous = this.now
      ;[this.now, this.failed, this.askedAt] = [found, null, clock.exact()]
    } catch (error) {
      // What is shown stays with its age.
      this.failed = refusalText(error)
    }
  }
}

export const postStatus = new PostStatus()
