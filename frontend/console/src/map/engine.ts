/** Loads MapLibre as its own chunk, with its worker served by us. */
import type * as MapLibreModule from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'

let loading: Promise<typeof MapLibreModule> | null = null

export function loadEngine(): Promise<typeof MapLibreModule> {
  loading ??= Promise.all([import('maplibre-gl'), document.fonts.load('500 16px "Inter Variable"')]).then(
    ([engine]) => {
      engine.setWorkerUrl(new URL(workerUrl, location.href).href)
      return engine
    },
  )
  return loading
}
