/** The WebSocket to the post: watches, reconnects with back-off, tells when nothing was heard for 3 s. */
import type { LiveMessage } from './contract'
import { decodeFrame, type Frame } from './frames'

export type Watch = { types: string[]; twin: string | null; incident: string | null }
export type LiveListener = {
  onMessage(message: LiveMessage): void
  onFrame(frame: Frame, decodeMs: number): void
  /** `open`: connected, nothing heard yet. `heard`: a first message came. `silent`: 3 s without any. */
  onLink(state: 'heard' | 'silent' | 'open'): void
}

export const SILENCE_MS = 3000
const BACK_OFF_MS = [300, 700, 1500, 3000, 5000, 8000]

/** Delay before the given reconnection attempt, jittered so that a whole room does not come back at once. */
export function backOffMs(attempt: number, random: number): number {
  const step = BACK_OFF_MS[Math.min(attempt, BACK_OFF_MS.length - 1)] ?? 8000
  return step * (0.75 + 0.5 * random)
}

export class LiveLink {
  private socket: WebSocket | null = null
  private attempt = 0
  private heardAt = performance.now()
  /** What was last told to the listener; only a message makes a link live, never a mere connection. */
  private told: 'nothing' | 'heard' | 'silent' = 'nothing'
  private ended = false
  private watchdog: ReturnType<typeof setInterval> | undefined
  private retry: ReturnType<typeof setTimeout> | undefined
  private watching: Watch = { types: [], twin: null, incident: null }

  constructor(private readonly listener: LiveListener) {}

  start(): void {
    this.ended = false
    this.heardAt = performance.now()
    this.watchdog = setInterval(() => this.checkSilence(), 500)
    this.connect()
  }

  stop(): void {
    this.ended = true
    clearInterval(this.watchdog)
    clearTimeout(this.retry)
    this.socket?.close()
    this.socket = null
  }

  /** Replaces what is watched; sent again after every reconnection. */
  watch(watching: Watch): void {
    this.watching = watching
    this.sendWatch()
  }

  private sendWatch(): void {
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ watch: this.watching }))
    }
  }

  private connect(): void {
    if (this.ended) return
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    const socket = new WebSocket(`${scheme}://${location.host}/api/live`)
    socket.binaryType = 'arraybuffer'
    this.socket = socket
    socket.onopen = () => {
      this.sendWatch()
      this.listener.onLink('open')
    }
    socket.onmessage = (event: MessageEvent<ArrayBuffer | string>) => this.receive(event.data)
    socket.onclose = () => this.scheduleRetry(socket)
  }

  private receive(content: ArrayBuffer | string): void {
    this.heardAt = performance.now()
    this.attempt = 0
    if (this.told !== 'heard') {
      this.told = 'heard'
      this.listener.onLink('heard')
    }
    if (typeof content !== 'string') {
      const started = performance.now()
      const frame = decodeFrame(content)
      this.listener.onFrame(frame, performance.now() - started)
      return
    }
    const message = JSON.parse(content) as LiveMessage
    if (message.kind === 'signed_out') this.stop()
    this.listener.onMessage(message)
  }

  private scheduleRetry(socket: WebSocket): void {
    if (this.ended || socket !== this.socket) return
    this.socket = null
    this.retry = setTimeout(() => this.connect(), backOffMs(this.attempt++, Math.random()))
  }

  private checkSilence(): void {
    if (this.told === 'silent' || performance.now() - this.heardAt < SILENCE_MS) return
    this.told = 'silent'
    this.listener.onLink('silent')
    const stuck = this.socket
    if (stuck?.readyState === WebSocket.OPEN) {
      this.socket = null
      stuck.close()
      this.retry = setTimeout(() => this.connect(), backOffMs(this.attempt++, Math.random()))
    }
  }
}
