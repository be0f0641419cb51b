/** The commune and the week that are looked at. */
import { fetchJson } from '../api/requests'
import { refusalText } from '../telling'
import { session } from '../session.svelte'
import { city } from '../twins/twins.svelte'
import type { Week } from './contract'

type IncidentType = { key: string; fr: string; en: string }

class CommuneWeek {
  insee = $state('')
  /** First day; empty: this week. */
  from = $state('')
  week = $state.raw<Week | null>(null)
  failed = $state<string | null>(null)
  types = $state.raw<Map<string, IncidentType>>(new Map())
  private asked = 0

  /** One's own commune first; who works for all of them begins with the first. */
  start(): void {
    const own = (session.me?.grants ?? []).flatMap(({ communes }) => communes).find((code) => code !== '*')
    if (this.insee === '') this.insee = own ?? city.bootstrap?.communes[0]?.insee ?? ''
  }

  async load(): Promise<void> {
    const turn = ++this.asked
    const query = this.from ? `?from=${encodeURIComponent(this.from)}` : ''
    try {
      const week = await fetchJson<Week>(`/api/communes/${encodeURIComponent(this.insee)}/week${query}`)
      if (turn === this.asked) [this.week, this.failed] = [week, null]
    } catch (error) {
      if (turn === this.asked) [this.week, this.failed] = [null, refusalText(error)]
    }
  }

  async loadTypes(): Promise<void> {
    if (this.types.size > 0) return
    try {
      const types = await fetchJson<IncidentType[]>('/api/incident-types')
      this.types = new Map(types.map((type) => [type.key, type]))
    } catch (error) {
      this.failed = refusalText(error)
    }
  }
}

export const communeWeek = new CommuneWeek()
