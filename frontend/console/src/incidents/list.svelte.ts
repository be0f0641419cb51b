/** The list of incidents with its filters, kept up to date by the live link. */
import { fetchJson } from '../api/requests'
import { refusalText } from '../telling'
import type { Incident, Incidents } from './contract'

export type Filters = {
  state: 'open' | 'closed' | 'all'
  q: string
  type: string
  commune: string
  mine: boolean
}
export const NO_FILTERS: Filters = { state: 'open', q: '', type: '', commune: '', mine: false }

export function queryOf({ state, q, type, commune, mine }: Filters): string {
  const query = new URLSearchParams({ state, limit: '200' })
  if (q.trim()) query.set('q', q.trim())
  if (type) query.set('type', type)
  if (commune) query.set('commune', commune)
  if (mine) query.set('owner', 'me')
  return query.toString()
}

class IncidentList {
  filters = $state<Filters>({ ...NO_FILTERS })
  incidents = $state.raw<Incident[] | null>(null)
  total = $state(0)
  failed = $state<string | null>(null)
  private asking = 0
  private soon: ReturnType<typeof setTimeout> | undefined

  async load(): Promise<void> {
    const asking = ++this.asking
    try {
      const answer = await fetchJson<Incidents>(`/api/incidents?${queryOf(this.filters)}`)
      if (asking !== this.asking) return
      this.incidents = answer.incidents
      this.total = answer.total
      this.failed = null
    } catch (error) {
      if (asking === this.asking) this.failed = refusalText(error)
    }
  }

  /** A burst of news is one question. */
  loadSoon(afterMs = 250): void {
    clearTimeout(this.soon)
    this.soon = setTimeout(() => void this.load(), afterMs)
  }
}

export const incidentList = new IncidentList()
