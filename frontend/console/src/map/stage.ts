/** The map behind the console: style, layers, camera; it knows no component. */
import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl'
import type * as MapLibreModule from 'maplibre-gl'
import type { Feature, Geometry } from 'geojson'
import type { Bootstrap, Card, Property, Ring } from '../api/contract'
import { metrics, noteFullUpdate } from '../metrics'
import type { Theme } from '../preferences.svelte'
import type { Touched, TypeColumns } from '../twins/columns'
import { emptyOverlay, type Overlay, packStates, STATE_BYTES } from '../twins/packing'
import { faultMarks, focusMarks, haloMarks, type Place, symbolMarks } from './marking'
import { type Mark, MarksLayer } from './marks_layer'
import { mercatorX, mercatorY, relativePositions } from './mercator'
import { paletteOf } from './palette'
import { type Picked, Picking } from './picking'
import { type Look, PointsLayer } from './points_layer'
import { areaLayers, buildStyle, communeNames } from './style'

type Painted = {
  columns: TypeColumns
  layer: PointsLayer
  overlay: Overlay
  dirty: Touched | null
  fullMs: number
}
export type AreaDrawing = { ring: Ring; open: boolean } | null

const MARKS_EVERY_MS = 250

export class MapStage {
  readonly map: MapLibre
  readonly picking = new Picking()
  private readonly painted = new Map<string, Painted>()
  private readonly marks: MarksLayer
  private readonly origin: { x: number; y: number }
  private known: TypeColumns[] = []
  private symbols: Mark[] = []
  private faults: Mark[] = []
  private halos: Mark[] = []
  private selected: Place | null = null
  private hovered: Place | null = null
  private flushing = 0
  private marking = 0
  private faultsTimer: ReturnType<typeof setTimeout> | undefined
  private ready = false
  private area: AreaDrawing = null

  constructor(
    engine: typeof MapLibreModule,
    container: HTMLElement,
    private readonly bootstrap: Bootstrap,
    private theme: Theme,
    private readonly nowS: () => number,
  ) {
    const { city, communes } = bootstrap
    this.origin = { x: mercatorX(city.center[0]), y: mercatorY(city.center[1]) }
    this.marks = new MarksLayer(this.origin, paletteOf(theme))
    this.map = new engine.Map({
      container,
      style: buildStyle(paletteOf(theme), communes),
      bounds: city.bbox,
      fitBoundsOptions: { padding: 24 },
      minZoom: 8,
      maxZoom: 20,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      attributionControl: false,
      renderWorldCopies: false,
      fadeDuration: 0,
      canvasContextAttributes: { antialias: false },
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.keyboard.disableRotation()
    this.map.addControl(new engine.ScaleControl({ maxWidth: 90 }), 'bottom-right')
    this.map.once('load', () => this.addOwnLayers())
    this.map.once('idle', () => (metrics.mapReadyMs = performance.now()))
  }

  private addOwnLayers(): void {
    this.ready = true
    for (const { layer } of this.painted.values()) this.map.addLayer(layer)
    const palette = paletteOf(this.theme)
    this.map.addLayer(communeNames(palette))
    for (const layer of areaLayers(palette)) this.map.addLayer(layer)
    this.map.addLayer(this.marks)
    this.setArea(this.area)
  }

  /** Takes a twin type on the map; called once for each, before or after the style is loaded. */
  addType(columns: TypeColumns): void {
    if (columns.type.map === 'none' || columns.n === 0) return
    this.picking.add(columns)
    if (columns.type.map === 'symbol') {
      this.symbols = this.symbols.concat(symbolMarks([columns]))
      this.redrawMarks()
      return
    }
    const states = new Uint8Array(columns.n * STATE_BYTES)
    const offsets = relativePositions(columns.positions.lon, columns.positions.lat, this.origin)
    const layer = new PointsLayer(columns.type.key, offsets, states, this.origin, paletteOf(this.theme))
    const overlay = emptyOverlay(columns.n)
    this.painted.set(columns.type.key, { columns, layer, overlay, dirty: null, fullMs: 0 })
    metrics.points += columns.n
    this.repack(columns.type.key)
    if (this.ready) this.map.addLayer(layer, 'commune-names')
  }

  /** Notes that live values changed; the drawing follows at the next animation frame. */
  touch(columns: TypeColumns, touched: Touched, property: Property, full: boolean, spentMs: number): void {
    if (property.key === columns.type.fault_property) this.redrawFaultsSoon()
    const painted = this.painted.get(columns.type.key)
    if (!painted || !isDrawn(columns, property)) return
    const before = painted.dirty
    painted.dirty = before
      ? { from: Math.min(before.from, touched.from), to: Math.max(before.to, touched.to) }
      : touched
    if (full && property.key === columns.type.level_property) painted.fullMs += spentMs
    this.flushing ||= requestAnimationFrame(() => this.flush())
  }

  private flush(): void {
    this.flushing = 0
    for (const painted of this.painted.values()) {
      const { dirty, columns, overlay, layer } = painted
      if (!dirty) continue
      const started = performance.now()
      const changed = packStates(columns, overlay, layer.states, dirty.from, dirty.to, this.nowS())
      if (changed) layer.upload(dirty.from, dirty.to)
      metrics.lastFlushMs = performance.now() - started
      if (painted.fullMs > 0) noteFullUpdate(painted.fullMs + metrics.lastFlushMs)
      painted.dirty = null
      painted.fullMs = 0
    }
  }

  /** Everything of one type again: overlays changed, or values grew old. */
  repack(typeKey: string): void {
    const painted = this.painted.get(typeKey)
    if (!painted || painted.columns.n === 0) return
    painted.dirty = { from: 0, to: painted.columns.n - 1 }
    this.flushing ||= requestAnimationFrame(() => this.flush())
  }

  repackAll(): void {
    for (const key of this.painted.keys()) this.repack(key)
  }

  overlayOf(typeKey: string): Overlay | null {
    return this.painted.get(typeKey)?.overlay ?? null
  }

  /** Colours a type by bins (one byte a point) instead of by state; null shows states again. */
  setMode(typeKey: string, bins: Uint8Array | null, look: Look | null): void {
    const painted = this.painted.get(typeKey)
    if (!painted) return
    if (bins) painted.overlay.bin.set(bins)
    painted.layer.setLook(look)
    if (bins) this.repack(typeKey)
  }

  paintedTypes(): TypeColumns[] {
    return [...this.painted.values()].map((painted) => painted.columns)
  }

  private redrawFaultsSoon(): void {
    this.faultsTimer ??= setTimeout(() => {
      this.faultsTimer = undefined
      this.redrawFaults()
    }, MARKS_EVERY_MS)
  }

  private redrawFaults(): void {
    this.faults = faultMarks(this.known)
    metrics.marks = this.faults.length
    this.redrawMarks()
  }

  /** All types whose faults are drawn, points and symbols. */
  setKnown(types: TypeColumns[]): void {
    this.known = types
    this.redrawFaultsSoon()
  }

  /** Whatever changed within one animation frame is drawn once. */
  private redrawMarks(): void {
    this.marking ||= requestAnimationFrame(() => this.drawMarks())
  }

  private drawMarks(): void {
    this.marking = 0
    this.marks.set([
      ...this.symbols,
      ...this.faults,
      ...this.halos,
      ...focusMarks(this.selected, this.hovered),
    ])
  }

  setAlarms(list: Iterable<Card>): void {
    this.halos = haloMarks(list)
    this.redrawMarks()
  }

  setSelected(place: Place | null): void {
    this.selected = place
    this.redrawMarks()
  }

  setHovered(place: Place | null): void {
    if (place === this.hovered) return
    this.hovered = place
    this.redrawMarks()
  }

  setTheme(theme: Theme): void {
    if (theme === this.theme) return
    this.theme = theme
    const palette = paletteOf(theme)
    const layers = [
      ...buildStyle(palette, this.bootstrap.communes).layers,
      communeNames(palette),
      ...areaLayers(palette),
    ]
    for (const layer of layers) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        if (name.endsWith('color')) this.map.setPaintProperty(layer.id, name as 'line-color', value as string)
      }
    }
    for (const { layer } of this.painted.values()) layer.setPalette(palette)
    this.marks.setPalette(palette)
  }

  setFaded(faded: boolean): void {
    for (const { layer } of this.painted.values()) layer.setFaded(faded)
  }

  setArea(area: AreaDrawing): void {
    this.area = area
    const source = this.map.getSource<GeoJSONSource>('area')
    void source?.setData({ type: 'FeatureCollection', features: area ? areaFeatures(area) : [] })
  }

  pickAt(lon: number, lat: number): Picked | null {
    const zoom = this.map.getZoom()
    const degPerPx = (360 / (512 * 2 ** zoom)) * Math.cos((lat * Math.PI) / 180)
    return this.picking.pick(lon, lat, degPerPx, zoom)
  }

  go(center: [number, number], zoom: number): void {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    this.map.easeTo({ center, zoom, duration: still ? 0 : 500 })
  }

  /** `top`, `right`: px that something else covers. */
  fitCity(top = 0, right = 0): void {
    const padding = { top: 24 + top, bottom: 24, left: 24, right: 24 + right }
    this.map.fitBounds(this.bootstrap.city.bbox, { padding, duration: 0 })
  }

  /** Everything drawn larger by this factor, for eyes that are far; the container is as much smaller in CSS px. */
  setMagnification(factor: number): void {
    this.map.setPixelRatio(devicePixelRatio * factor)
    this.map.resize()
  }

  remove(): void {
    cancelAnimationFrame(this.flushing)
    cancelAnimationFrame(this.marking)
    clearTimeout(this.faultsTimer)
    this.map.remove()
  }
}

/** Whether a point's look depends on this property. */
function isDrawn({ type }: TypeColumns, property: Property): boolean {
  const { key, choices } = property
  return key === type.level_property || key === type.fault_property || choices.includes('manual')
}

function areaFeatures({ ring, open }: { ring: Ring; open: boolean }): Feature[] {
  const feature = (geometry: Geometry): Feature => ({ type: 'Feature', properties: {}, geometry })
  const corners = open ? ring.map((point) => feature({ type: 'Point', coordinates: point })) : []
  if (ring.length < 2) return corners
  if (ring.length === 2) return [feature({ type: 'LineString', coordinates: ring }), ...corners]
  return [feature({ type: 'Polygon', coordinates: [[...ring, ring[0]!]] }), ...corners]
}
