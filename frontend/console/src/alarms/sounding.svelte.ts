/** Whether this window sounds: a browser wants a gesture first, and of the windows of one seat only one sounds. */
import type { Card, Priority } from '../api/contract'
import { preferences } from '../preferences.svelte'
import { cards } from './cards.svelte'
import { hasSound, play } from './sound'

/** `locked`: needs a gesture; `elsewhere`: another window of this seat sounds. */
export type SoundState = 'off' | 'locked' | 'here' | 'elsewhere'

const LOCK = 'ondijon.sound'
const REPEAT_MS = 8000
const LEAST_GAP_MS = 1500

class Sounding {
  private isUnlocked = $state(false)
  private isLeader = $state(false)
  /** Urgent cards are sounded again until somebody takes note or silences those that stand now. */
  private silencedAt = $state(0)
  state = $derived<SoundState>(
    !preferences.sound ? 'off' : this.isLeader ? 'here' : this.isUnlocked ? 'elsewhere' : 'locked',
  )
  isCalling = $derived(this.state === 'here' && cards.sorted.some((card) => this.calls(card)))
  private audio: AudioContext | null = null
  private lastAt = -Infinity
  private timer: ReturnType<typeof setInterval> | undefined
  private release: (() => void) | null = null

  start(): void {
    cards.onNews = (card) => this.sound(card.priority)
    this.timer = setInterval(() => {
      if (this.isCalling) this.sound(1)
    }, REPEAT_MS)
    for (const kind of ['pointerdown', 'keydown']) window.addEventListener(kind, this.tryUnlock)
    this.tryUnlock()
  }

  stop(): void {
    cards.onNews = null
    clearInterval(this.timer)
    for (const kind of ['pointerdown', 'keydown']) window.removeEventListener(kind, this.tryUnlock)
    this.release?.()
  }

  private calls({ priority, unacknowledged, raised_at }: Card): boolean {
    return priority === 1 && unacknowledged > 0 && Date.parse(raised_at) > this.silencedAt
  }

  /** Any key or click will do; a browser that still refuses leaves the button where it is. */
  private readonly tryUnlock = (): void => {
    if (this.isUnlocked || !preferences.sound || navigator.userActivation?.hasBeenActive === false) return
    this.audio ??= new AudioContext()
    void this.audio.resume().then(() => {
      if (this.audio?.state !== 'running' || this.isUnlocked) return
      this.isUnlocked = true
      void this.lead()
    })
  }

  /** Without locks (an address that is not secure) every window sounds for itself. */
  private async lead(): Promise<void> {
    const held = new Promise<void>((resolve) => {
      this.release = () => {
        this.isLeader = false
        this.isUnlocked = false
        resolve()
      }
    })
    const hold = () => {
      this.isLeader = true
      return held
    }
    await (navigator.locks ? navigator.locks.request(LOCK, hold) : hold())
  }

  sound(priority: Priority): void {
    const now = performance.now()
    if (this.state !== 'here' || !hasSound(priority) || now - this.lastAt < LEAST_GAP_MS) return
    this.lastAt = now
    play(this.audio!, priority)
  }

  /** The button: unlocks with a sound to hear that it works, or switches off and on. */
  press(): void {
    if (this.state === 'locked') {
      this.tryUnlock()
      return
    }
    preferences.sound = !preferences.sound
    preferences.keep()
    this.tryUnlock()
  }

  /** What stands now is quiet; what comes later sounds. */
  silence(): void {
    this.silencedAt = Math.max(0, ...cards.sorted.map(({ raised_at }) => Date.parse(raised_at)))
  }
}

export const sounding = new Sounding()
