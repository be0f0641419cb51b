/** The programmes of the city, and the one that the centre edits or previews. */
import { act, fetchJson, PostError, sendJson } from '../api/requests'
import { clock } from '../clock.svelte'
import { live } from '../live'
import { session } from '../session.svelte'
import { refusalText, tellRefusal } from '../telling'
import { words } from '../words.svelte'
import { blankContent, whole } from './content'
import type { Content, Preview, Programme, Version } from './contract'
import { nightOf } from './night'

const PREVIEW_AFTER_MS = 500

export const tonight = () => nightOf(clock.exact() * 1000, words.zone)

/** A version as it stands in the centre: read, or edited as a draft. */
export class Sheet {
  content = $state<Content>(blankContent(null, tonight()))
  night = $state(tonight())
  version = $state.raw<Version | null>(null)
  preview = $state.raw<Preview | null>(null)
  failed = $state<string | null>(null)
  isBusy = $state(false)
  private saved = ''
  private asking: AbortController | null = null
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    version: Version | null,
    content: Content,
    /** A new programme, or what is open or published with the right to draft. */
    readonly isEditable: boolean,
  ) {
    this.version = version
    this.content = structuredClone(whole(content))
    this.saved = JSON.stringify(this.content)
    const first = content.rules.flatMap(({ calendar }) => calendar.dates).find((date) => date >= this.night)
    if (first) this.night = first
  }

  get isChanged(): boolean {
    return JSON.stringify(this.content) !== this.saved
  }

  /** The preview follows what is typed, half a second behind. */
  previewSoon(afterMs = PREVIEW_AFTER_MS): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.ask(), afterMs)
  }

  close(): void {
    clearTimeout(this.timer)
    this.asking?.abort()
  }

  /** As the post wants it: a name in one language stands for both. */
  private toSend(): Content {
    const content = $state.snapshot(this.content)
    const { fr, en } = content.names
    return { ...content, names: { fr: fr || en, en: en || fr } }
  }

  private async ask(): Promise<void> {
    // Without a name there is nothing to preview yet.
    if (!this.content.key) return
    this.asking?.abort()
    const stop = (this.asking = new AbortController())
    this.isBusy = true
    try {
      const body = { content: this.toSend(), night: this.night }
      const found = await sendJson<Preview>('/api/lighting/programme-preview', body, stop.signal)
      if (stop.signal.aborted) return
      this.preview = found
      this.failed = null
    } catch (error) {
      if (stop.signal.aborted) return
      this.failed = refusalText(error)
      this.preview = null
    }
    this.isBusy = false
  }

  /** Keeps the draft; returns its version's id, or nothing when the post refused. */
  async save(): Promise<string | null> {
    const content = this.toSend()
    const known = this.version?.state === 'draft' ? this.version : null
    try {
      const { id } = await act<{ id: string }>('lighting.draft_programme', {
        id: known?.id ?? null,
        version: known?.version ?? null,
        content,
      })
      this.version = await fetchJson<Version>(`/api/lighting/programme-versions/${id}`)
      this.content = content
      this.saved = JSON.stringify(content)
      this.failed = null
      return id
    } catch (error) {
      this.failed = refusalText(error)
      return null
    }
  }
}

class Programmes {
  list = $state.raw<Programme[] | null>(null)
  failed = $state<string | null>(null)
  sheet = $state.raw<Sheet | null>(null)
  /** Counts what the room said of programmes, so that panels load again. */
  told = $state(0)
  private asking = 0
  private soon: ReturnType<typeof setTimeout> | undefined

  async load(): Promise<void> {
    const asking = ++this.asking
    try {
      const { programmes } = await fetchJson<{ programmes: Programme[] }>('/api/lighting/programmes')
      if (asking === this.asking) [this.list, this.failed] = [programmes, null]
    } catch (error) {
      if (asking === this.asking) this.failed = refusalText(error)
    }
  }

  /** A burst of news is one question. */
  loadSoon(afterMs = 250): void {
    clearTimeout(this.soon)
    this.soon = setTimeout(() => {
      this.told++
      void this.load()
    }, afterMs)
  }

  /** Until the function that it returns is called. */
  follow(): () => void {
    void this.load()
    const ends = [
      live.on('room', ({ part, subject }) => {
        if (part === 'lighting' && subject?.startsWith('programme:')) this.loadSoon()
      }),
      live.onGap(() => this.loadSoon()),
    ]
    return () => ends.forEach((end) => end())
  }

  /** Opens a version in the centre: to edit it as a draft, or to read it. */
  async open(versionId: string, toEdit: boolean): Promise<void> {
    try {
      const version = await fetchJson<Version>(`/api/lighting/programme-versions/${versionId}`)
      this.show(new Sheet(version, version.content, toEdit))
    } catch (error) {
      tellRefusal(error)
    }
  }

  /** A new programme; one's own commune first. */
  compose(): void {
    const own = (session.me?.grants ?? []).flatMap(({ communes }) => communes).find((code) => code !== '*')
    this.show(new Sheet(null, blankContent(own ?? null, tonight()), true))
  }

  show(sheet: Sheet | null): void {
    this.sheet?.close()
    this.sheet = sheet
  }
}

export const programmes = new Programmes()

/** An act on one version; says at once why it was refused. Returns whether it was done. */
export async function decide(
  name: string,
  version: { id: string; version: number },
  reason?: string,
): Promise<string | null> {
  try {
    const payload = { id: version.id, version: version.version, ...(reason ? { reason } : {}) }
    await act(`lighting.${name}`, payload)
    programmes.loadSoon(0)
    return null
  } catch (error) {
    if (error instanceof PostError && error.status === 409) programmes.loadSoon(0)
    return refusalText(error)
  }
}
