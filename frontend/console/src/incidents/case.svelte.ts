/** One incident on screen: loaded, followed live, acted on with the version that was seen. */
import { act, fetchJson, PostError } from '../api/requests'
import { live } from '../live'
import { session } from '../session.svelte'
import { refusalText, tellRefusal } from '../telling'
import type { IncidentDetail, Step } from './contract'

export class Case {
  incident = $state.raw<IncidentDetail | null>(null)
  failed = $state<string | null>(null)
  /** Who else looks at it now. */
  others = $state.raw<string[]>([])
  /** Said at once where the acts are, when somebody was first. */
  overtaken = $state<string | null>(null)
  private asking = 0

  constructor(readonly id: string) {}

  /** Until the function that it returns is called. */
  follow(): () => void {
    void this.load()
    live.watch({ incident: this.id })
    const ends = [
      live.on('room', ({ subject }) => {
        if (subject === `incident:${this.id}`) void this.load()
      }),
      live.on('presence', ({ incident, people }) => {
        if (incident === this.id) this.take(people)
      }),
      live.onGap(() => void this.load()),
    ]
    return () => {
      live.watch({ incident: null })
      for (const end of ends) end()
    }
  }

  private take(people: string[]): void {
    this.others = people.filter((name) => !session.isMe(name))
  }

  async load(): Promise<void> {
    const asking = ++this.asking
    try {
      const incident = await fetchJson<IncidentDetail>(`/api/incidents/${encodeURIComponent(this.id)}`)
      if (asking !== this.asking) return
      this.incident = incident
      this.take(incident.watching)
      this.failed = null
    } catch (error) {
      if (asking === this.asking) this.failed = refusalText(error)
    }
  }

  may(step: Step): boolean {
    return this.incident?.may.includes(step) ?? false
  }

  /** An act on this incident; versioned acts say which version was seen. Returns whether it was done. */
  async act(name: string, payload: Record<string, unknown> = {}, versioned = true): Promise<boolean> {
    const seen = versioned ? { version: this.incident?.version } : {}
    this.overtaken = null
    try {
      await act(`incidents.${name}`, { id: this.id, ...seen, ...payload })
      await this.load()
      return true
    } catch (error) {
      tellRefusal(error)
      if (error instanceof PostError && error.status === 409) {
        this.overtaken = refusalText(error)
        await this.load()
      }
      return false
    }
  }
}
