/** What the console measures of itself; read by the bench through window.__ondijon.metrics. */

export type Metrics = {
  frames: number
  fullUpdates: number
  /** Main-thread ms of the last full updates: decode, columns, packing, upload. */
  fullUpdateMs: number[]
  lastFlushMs: number
  bootMs: number | null
  mapReadyMs: number | null
  liveMs: number | null
  /** Everything that opening asks for has come: a lock from now on lies over the room and keeps its work. */
  wholeMs: number | null
  marks: number
  points: number
}

export const metrics: Metrics = {
  frames: 0,
  fullUpdates: 0,
  fullUpdateMs: [],
  lastFlushMs: 0,
  bootMs: null,
  mapReadyMs: null,
  liveMs: null,
  wholeMs: null,
  marks: 0,
  points: 0,
}

export function noteFullUpdate(ms: number): void {
  metrics.fullUpdates++
  metrics.fullUpdateMs.push(ms)
  if (metrics.fullUpdateMs.length > 200) metrics.fullUpdateMs.shift()
}

declare global {
  interface Window {
    __ondijon?: Record<string, unknown>
  }
}
