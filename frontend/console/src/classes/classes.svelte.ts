/** The commune that is looked at, and what the post knows of its classes, policies and adaptive light. */
import { act, fetchJson } from '../api/requests'
import { live } from '../live'
import { session } from '../session.svelte'
import { refusalText } from '../telling'
import { city } from '../twins/twins.svelte'
import type { CommuneClasses, Policy, Street, Zone } from './contract'

export type Sheet = 'streets' | 'policies' | 'adaptive' | 'floors'

class Classes {
  insee = $state('')
  sheet = $state<Sheet>('streets')
  communes = $state.raw<CommuneClasses[]>([])
  streets = $state.raw<Street[] | null>(null)
  policies = $state.raw<Policy[]>([])
  zones = $state.raw<Zone[]>([])
  failed = $state<string | null>(null)
  private asking = 0
  private soon: ReturnType<typeof setTimeout> | undefined
  readonly own = $derived(this.communes.find(({ commune }) => commune === this.insee) ?? null)

  /** One's own commune first. */
  start(): () => void {
    const own = (session.me?.grants ?? []).flatMap(({ communes }) => communes).find((code) => code !== '*')
    if (this.insee === '') this.insee = own ?? city.bootstrap?.communes[0]?.insee ?? ''
    const ends = [
      live.on('room', ({ part }) => {
        if (part === 'lighting') this.loadSoon()
      }),
      live.onGap(() => this.loadSoon()),
    ]
    return () => ends.forEach((end) => end())
  }

  loadSoon(): void {
    clearTimeout(this.soon)
    this.soon = setTimeout(() => void this.load(), 300)
  }

  async load(): Promise<void> {
    const asking = ++this.asking
    const insee = encodeURIComponent(this.insee)
    try {
      const [all, one, policies, adaptive] = await Promise.all([
        fetchJson<{ communes: CommuneClasses[] }>('/api/lighting/classes'),
        fetchJson<{ streets: Street[] }>(`/api/lighting/classes/${insee}`),
        fetchJson<Policy[]>(`/api/lighting/policies?commune=${insee}`),
        fetchJson<{ zones: Zone[] }>(`/api/lighting/adaptive?commune=${insee}`),
      ])
      if (asking !== this.asking) return
      this.communes = all.communes
      this.streets = one.streets
      this.policies = policies
      this.zones = adaptive.zones
      this.failed = null
    } catch (error) {
      if (asking === this.asking) this.failed = refusalText(error)
    }
  }
}

export const classes = new Classes()

/** An act of this part; returns why it was refused, or nothing when it was done. */
export async function perform(name: string, payload: Record<string, unknown>): Promise<string | null> {
  try {
    await act(`lighting.${name}`, payload)
    classes.loadSoon()
    return null
  } catch (error) {
    return refusalText(error)
  }
}
