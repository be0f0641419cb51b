/** The live link as parts use it: news by kind, and what this window watches in detail. */
import type { LiveMessage } from './api/contract'
import type { LiveLink, Watch } from './api/live'

export type News<K extends LiveMessage['kind']> = Extract<LiveMessage, { kind: K }>
type Heard = (message: never) => void

class Live {
  private link: LiveLink | null = null
  private watching: Watch = { types: [], twin: null, incident: null }
  private readonly heard = new Map<string, Set<Heard>>()

  /** Hears every message of one kind until the function that it returns is called. */
  on<K extends LiveMessage['kind']>(kind: K, listener: (message: News<K>) => void): () => void {
    const set = this.heard.get(kind) ?? new Set<Heard>()
    this.heard.set(kind, set.add(listener))
    return () => void set.delete(listener)
  }

  /** Calls after every gap of the link: load again what is shown. */
  onGap(listener: () => void): () => void {
    return this.on('resync', listener)
  }

  tell<K extends LiveMessage['kind']>(message: News<K>): void {
    for (const listener of [...(this.heard.get(message.kind) ?? [])]) listener(message as never)
  }

  /** One twin, one incident: the last that asked is watched. */
  watch(part: Partial<Watch>): void {
    this.watching = { ...this.watching, ...part }
    this.link?.watch(this.watching)
  }

  follow(link: LiveLink | null): void {
    this.link = link
    if (link) link.watch(this.watching)
    else this.watching = { types: [], twin: null, incident: null }
  }
}

export const live = new Live()
