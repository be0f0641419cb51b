/** What was loaded of maintenance, for the commune, budget and list that are looked at. */
import { fetchJson } from '../api/requests'
import { refusalText } from '../telling'
import type { Maintenance, Order, Renewal } from './contract'

export const TABS = ['orders', 'failed', 'models', 'renewal'] as const
export type Tab = (typeof TABS)[number]

class MaintenanceStore {
  tab = $state<Tab>('orders')
  commune = $state('')
  budget = $state(500_000)
  list = $state<'open' | 'ended'>('open')
  park = $state.raw<Maintenance | null>(null)
  renewal = $state.raw<Renewal | null>(null)
  orders = $state.raw<Order[] | null>(null)
  failed = $state<string | null>(null)

  private async take<T>(path: string, keep: (found: T) => void): Promise<void> {
    try {
      keep(await fetchJson<T>(path))
      this.failed = null
    } catch (error) {
      this.failed = refusalText(error)
    }
  }

  /** What the open tab shows. */
  load(): Promise<void> {
    const commune = encodeURIComponent(this.commune)
    if (this.tab === 'orders')
      return this.take<Order[]>(
        `/api/lighting/work-orders?which=${this.list}`,
        (found) => (this.orders = found),
      )
    if (this.tab === 'renewal')
      return this.take<Renewal>(
        `/api/lighting/renewal?budget=${this.budget}&commune=${commune}`,
        (found) => (this.renewal = found),
      )
    return this.take<Maintenance>(
      `/api/lighting/maintenance?commune=${commune}`,
      (found) => (this.park = found),
    )
  }
}

export const maintenance = new MaintenanceStore()
