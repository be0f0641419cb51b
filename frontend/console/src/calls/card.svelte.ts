/** One call on its card: what the post holds, what is being typed, and saving it without being asked. */
import { act, fetchJson, PostError } from '../api/requests'
import { types } from '../incidents/types.svelte'
import { refusalText } from '../telling'
import { calls } from './calls.svelte'
import { draftOf, payloadOf, type Call, type Draft } from './contract'

const SAVED_AFTER_MS = 900

export class Card {
  call = $state.raw<Call | null>(null)
  draft = $state<Draft | null>(null)
  failed = $state<string | null>(null)
  /** Something typed is not saved yet. */
  dirty = $state(false)
  private timer: ReturnType<typeof setTimeout> | undefined
  private saving: Promise<boolean> | null = null

  constructor(readonly id: string) {}

  follow(): () => void {
    void this.load()
    const end = calls.follow(() => void this.load())
    return () => {
      end()
      if (this.dirty) void this.save()
    }
  }

  /** What somebody is typing is never overwritten. */
  async load(): Promise<void> {
    try {
      this.call = await fetchJson<Call>(`/api/calls/${this.id}`)
      if (!this.dirty && !this.saving) this.draft = draftOf(this.call)
      this.failed = null
    } catch (error) {
      this.failed = refusalText(error)
    }
  }

  touch(): void {
    this.dirty = true
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.save(), SAVED_AFTER_MS)
  }

  /** Whether everything typed is with the post; the refusal is told on the card. */
  async save(): Promise<boolean> {
    clearTimeout(this.timer)
    if (this.saving) await this.saving
    if (!this.dirty || !this.call || !this.draft) return this.failed === null
    this.saving = this.send(this.call, this.draft)
    const done = await this.saving
    this.saving = null
    return done
  }

  private async send(call: Call, draft: Draft): Promise<boolean> {
    this.dirty = false
    try {
      const payload = payloadOf($state.snapshot(draft), types.find(draft.type)?.questions ?? [])
      const { version } = await act<{ version: number }>('calls.save', {
        id: call.id,
        version: call.version,
        ...payload,
      })
      const { type, place, text, answers, anonymous } = payload
      this.call = { ...call, version, type, place, text, answers, anonymous }
      this.failed = null
      return true
    } catch (error) {
      this.dirty = true
      this.failed = refusalText(error)
      // Somebody else was first: their version is the one to save over, once a person has seen it.
      if (error instanceof PostError && error.status === 409) await this.load()
      return false
    }
  }

  /** An act on this call with everything typed saved first; the version goes along where the act wants it. */
  async do(key: string, payload: Record<string, unknown> = {}, versioned = false): Promise<boolean> {
    if (!(await this.save()) || !this.call) return false
    try {
      const version = versioned ? { version: this.call.version } : {}
      await act(key, { id: this.id, ...version, ...payload })
      await this.load()
      return true
    } catch (error) {
      this.failed = refusalText(error)
      if (error instanceof PostError && error.status === 409) await this.load()
      return false
    }
  }
}
