/** The state of the live link, as the top bar and the banner tell it. */
import type { Roles } from './api/contract'

/** The post is up to date: it says so again only after it was not. */
export const PUNCTUAL = { behind_s: 0, shedding: false, shed: 0 }

class LinkState {
  state = $state<'starting' | 'live' | 'silent'>('starting')
  lagS = $state(0)
  lastHeard = $state<number | null>(null)
  gateway = $state<'live' | 'lost'>('live')
  gatewaySince = $state<string | null>(null)
  /** Seconds behind the field, 0 when as good as none; readings left out of history since that began. */
  late = $state.raw(PUNCTUAL)
  roles = $state.raw<Roles>({})
}

export const link = new LinkState()
