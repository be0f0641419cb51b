/** The map's own style: our GeoJSON, local fonts, no sprite, no glyph server, one colour set a theme. */
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'
import type { Commune } from '../api/contract'
import type { MapPalette } from './palette'

const FONT = ['Inter Variable']

type Paint = Record<string, unknown>

/** Line width in px by zoom for a class of streets. */
function width(at10: number, at13: number, at17: number): unknown {
  return ['interpolate', ['exponential', 1.5], ['zoom'], 10, at10, 13, at13, 17, at17, 20, at17 * 4]
}

const classIn = (...classes: string[]) => ['in', ['get', 'class'], ['literal', classes]]
const kindIn = (...kinds: string[]) => ['in', ['get', 'kind'], ['literal', kinds]]

function landscapeLayers(palette: MapPalette): object[] {
  const area = (id: string, kind: string, color: string) => ({
    id,
    type: 'fill',
    source: 'landscape',
    filter: kindIn(kind),
    paint: { 'fill-color': color },
  })
  const line = (id: string, kind: string, paint: Paint) => ({
    id,
    type: 'line',
    source: 'landscape',
    filter: kindIn(kind),
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint,
  })
  return [
    area('built', 'built', palette.built),
    area('wood', 'wood', palette.wood),
    area('water', 'water', palette.water),
    line('river', 'river', { 'line-color': palette.water, 'line-width': width(1.2, 3, 16) }),
  ]
}

function streetLayers(palette: MapPalette): object[] {
  const street = (id: string, classes: string[], minzoom: number, paint: Paint) => ({
    id,
    type: 'line',
    source: 'streets',
    minzoom,
    filter: classIn(...classes),
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint,
  })
  const rails = (id: string, kind: string, color: string, dash: number[]) => ({
    id,
    type: 'line',
    source: 'landscape',
    minzoom: 11,
    filter: kindIn(kind),
    paint: { 'line-color': color, 'line-width': width(0.6, 1, 2.5), 'line-dasharray': dash },
  })
  return [
    street('path', ['path', 'pedestrian'], 14, {
      'line-color': palette.path,
      'line-width': width(0.3, 0.7, 5),
    }),
    street('residential', ['residential'], 11.5, {
      'line-color': palette.street,
      'line-width': width(0.3, 0.9, 9),
      'line-opacity': ['interpolate', ['linear'], ['zoom'], 11.5, 0.3, 13, 1],
    }),
    street('tertiary', ['tertiary'], 10, { 'line-color': palette.street, 'line-width': width(0.5, 1.4, 11) }),
    street('secondary', ['secondary'], 9, {
      'line-color': palette.streetMajor,
      'line-width': width(0.7, 1.8, 13),
    }),
    street('primary', ['primary'], 9, {
      'line-color': palette.streetMajor,
      'line-width': width(0.9, 2.4, 16),
    }),
    rails('rail', 'rail', palette.rail, [4, 2]),
    rails('tram', 'tram', palette.tram, [1, 0]),
    street('motorway', ['motorway'], 8, {
      'line-color': palette.streetMotorway,
      'line-width': width(1.2, 3, 18),
    }),
  ]
}

function labelLayers(palette: MapPalette): object[] {
  const halo = { 'text-halo-color': palette.halo, 'text-halo-width': 1.4 }
  return [
    {
      id: 'street-names',
      type: 'symbol',
      source: 'streets',
      minzoom: 15,
      filter: ['has', 'name'],
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 320,
        'text-field': ['get', 'name'],
        'text-font': FONT,
        'text-size': ['interpolate', ['linear'], ['zoom'], 15, 10.5, 18, 13],
        'text-max-angle': 30,
        'text-padding': 6,
      },
      paint: { 'text-color': palette.text, ...halo },
    },
  ]
}

/** Names of communes go above the points. */
export function communeNames(palette: MapPalette): LayerSpecification {
  return {
    id: 'commune-names',
    type: 'symbol',
    source: 'commune-centers',
    maxzoom: 15.5,
    layout: {
      'text-field': ['get', 'name'],
      'text-font': FONT,
      'text-size': ['interpolate', ['linear'], ['zoom'], 9.5, 10.5, 14, 14],
      'text-letter-spacing': 0.02,
      'text-max-width': 7,
      'text-padding': 4,
      'symbol-sort-key': ['get', 'order'],
    },
    paint: { 'text-color': palette.textStrong, 'text-halo-color': palette.halo, 'text-halo-width': 1.6 },
  }
}

/** The area being drawn or chosen. */
export function areaLayers(palette: MapPalette): LayerSpecification[] {
  return [
    {
      id: 'area-fill',
      type: 'fill',
      source: 'area',
      paint: { 'fill-color': palette.area, 'fill-opacity': 0.08 },
    },
    {
      id: 'area-line',
      type: 'line',
      source: 'area',
      layout: { 'line-join': 'round' },
      paint: { 'line-color': palette.area, 'line-width': 1.6, 'line-dasharray': [3, 2] },
    },
    {
      id: 'area-corners',
      type: 'circle',
      source: 'area',
      filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-radius': 4,
        'circle-color': palette.ground,
        'circle-stroke-color': palette.area,
        'circle-stroke-width': 1.6,
      },
    },
  ]
}

function communeLayers(palette: MapPalette): object[] {
  return [{ id: 'communes', type: 'fill', source: 'communes', paint: { 'fill-color': palette.ground } }]
}

function borderLayers(palette: MapPalette): object[] {
  return [
    {
      id: 'commune-borders',
      type: 'line',
      source: 'communes',
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': palette.border,
        'line-width': ['interpolate', ['linear'], ['zoom'], 9, 0.8, 14, 1.6],
        'line-dasharray': [4, 3],
      },
    },
  ]
}

const EMPTY = { type: 'FeatureCollection' as const, features: [] }

export function buildStyle(palette: MapPalette, communes: Commune[]): StyleSpecification {
  const own = (name: string, options: object = {}) => ({
    type: 'geojson' as const,
    data: `${location.origin}/api/map/${name}`,
    ...options,
  })
  const layers = [
    { id: 'outside', type: 'background', paint: { 'background-color': palette.outside } },
    ...communeLayers(palette),
    ...landscapeLayers(palette),
    ...streetLayers(palette),
    ...borderLayers(palette),
    ...labelLayers(palette),
  ]
  return {
    version: 8,
    sources: {
      communes: own('communes', { tolerance: 0.2 }),
      landscape: own('landscape', { tolerance: 0.3 }),
      streets: own('streets', { tolerance: 0.3, maxzoom: 15, buffer: 32 }),
      'commune-centers': {
        type: 'geojson',
        data: {
          type: 'FeatureCollection',
          features: communes.map((commune, order) => ({
            type: 'Feature',
            properties: { name: commune.name, order },
            geometry: { type: 'Point', coordinates: commune.center },
          })),
        },
      },
      area: { type: 'geojson', data: EMPTY },
    },
    layers: layers as LayerSpecification[],
  }
}
