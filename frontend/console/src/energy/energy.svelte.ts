/** Savings that were loaded, and the commune and year that are looked at. */
import { fetchJson } from '../api/requests'
import { refusalText } from '../telling'
import { ALL, yearsOf, type Savings, type Year } from './contract'

class Energy {
  savings = $state.raw<Savings | null>(null)
  commune = $state(ALL)
  year = $state<number | null>(null)
  found = $state.raw<Year | null>(null)
  failed = $state<string | null>(null)

  async load(): Promise<void> {
    try {
      this.savings = await fetchJson<Savings>('/api/lighting/savings')
      this.year ??= yearsOf(this.savings)[0] ?? null
      this.failed = null
    } catch (error) {
      this.failed = refusalText(error)
    }
  }

  async loadYear(): Promise<void> {
    const { commune, year } = this
    if (commune === ALL || year === null) {
      this.found = null
      return
    }
    try {
      const found = await fetchJson<Year>(`/api/lighting/savings/${commune}/${year}`)
      if (commune === this.commune && year === this.year) this.found = found
      this.failed = null
    } catch (error) {
      this.found = null
      this.failed = refusalText(error)
    }
  }
}

export const energy = new Energy()
