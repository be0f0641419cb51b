/** Changes of equipment that wait or were made; follows the news of the room. */
import { act, fetchJson } from '../api/requests'
import { live } from '../live'
import { tellRefusal } from '../telling'
import type { Change } from './contract'

class Changes {
  list = $state.raw<Change[]>([])
  readonly waiting = $derived(this.list.filter(({ state }) => state === 'proposed'))

  async load(): Promise<void> {
    try {
      this.list = await fetchJson<Change[]>('/api/lighting/re-equipments')
    } catch (error) {
      tellRefusal(error)
    }
  }

  follow(onNews: () => void): () => void {
    const ends = [
      live.on('room', ({ part }) => {
        if (part === 'lighting') onNews()
      }),
      live.onGap(onNews),
    ]
    return () => ends.forEach((end) => end())
  }

  async decide(verb: 'approve' | 'reject' | 'undo', id: string, reason?: string): Promise<boolean> {
    try {
      await act(`lighting.${verb}_re_equipment`, reason === undefined ? { id } : { id, reason })
      return true
    } catch (error) {
      tellRefusal(error)
      return false
    }
  }
}

export const changes = new Changes()
