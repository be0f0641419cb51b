/** The state of the live link, as the top bar and the banner tell it. */
import type { Roles } from './api/contract'

class LinkState {
  state = $state<'starting' | 'live' | 'silent'>('starting')
  lagS = $state(0)
  lastHeard = $state<number | null>(null)
  gateway = $state<'live' | 'lost'>('live')
  gatewaySince = $state<string | null>(null)
  roles = $state.raw<Roles>({})
}

export const link = new LinkState()
