/** The live link: what it tells about itself when messages come, stop and come back. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { backOffMs, LiveLink } from '../live'

class FakeSocket {
  static readonly OPEN = 1
  static made: FakeSocket[] = []
  readyState = 0
  sent: string[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: (() => void) | null = null

  constructor() {
    FakeSocket.made.push(this)
  }
  send(text: string): void {
    this.sent.push(text)
  }
  close(): void {
    this.readyState = 3
    this.onclose?.()
  }
  open(): void {
    this.readyState = 1
    this.onopen?.()
  }
  hear(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
}

let told: string[]
let heard: string[]
let link: LiveLink

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('location', { protocol: 'http:', host: 'post' })
  FakeSocket.made = []
  told = []
  heard = []
  link = new LiveLink({
    onMessage: (message) => heard.push(message.kind),
    onFrame: () => {},
    onLink: (state) => told.push(state),
  })
  link.watch({ types: ['Streetlight'], twin: null, incident: null })
  link.start()
})

afterEach(() => {
  link.stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const last = () => FakeSocket.made.at(-1)!

test('a connection alone is not live: only a message is', () => {
  last().open()
  expect(told).toEqual(['open'])
  expect(last().sent).toEqual(['{"watch":{"types":["Streetlight"],"twin":null,"incident":null}}'])
  last().hear({ kind: 'clock', now: '', lag_s: 0.1 })
  expect(told).toEqual(['open', 'heard'])
})

test('three seconds without a message are told once, and a new connection does not hide it', () => {
  last().open()
  last().hear({ kind: 'clock', now: '', lag_s: 0.1 })
  vi.advanceTimersByTime(2900)
  expect(told).toEqual(['open', 'heard'])
  vi.advanceTimersByTime(1200)
  expect(told).toEqual(['open', 'heard', 'silent'])
  expect(FakeSocket.made.length).toBe(2)
  last().open()
  expect(told.at(-1)).toBe('open')
  last().hear({ kind: 'clock', now: '', lag_s: 0.1 })
  expect(told.at(-1)).toBe('heard')
})

test('a lost connection is tried again and watches the same again', () => {
  last().open()
  last().close()
  vi.advanceTimersByTime(1000)
  expect(FakeSocket.made.length).toBe(2)
  last().open()
  expect(last().sent[0]).toContain('Streetlight')
})

test('after signing out elsewhere nothing is tried again', () => {
  last().open()
  last().hear({ kind: 'signed_out' })
  vi.advanceTimersByTime(60_000)
  expect(heard).toEqual(['signed_out'])
  expect(FakeSocket.made.length).toBe(1)
})

test('the first attempt comes within half a second, later ones wait longer, never above ten seconds', () => {
  expect(backOffMs(0, 1)).toBeLessThan(500)
  expect(backOffMs(3, 0.5)).toBeGreaterThan(backOffMs(1, 0.5))
  expect(backOffMs(50, 1)).toBeLessThanOrEqual(10_000)
  expect(backOffMs(2, 0.1)).not.toBe(backOffMs(2, 0.9))
})
