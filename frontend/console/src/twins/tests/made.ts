/** Small twin types for tests: a light with a level, a fault and a manual mode. */
import type { Property, TwinType } from '../../api/contract'
import { TypeColumns } from '../columns'

function property(key: string, more: Partial<Property> = {}): Property {
  return {
    key,
    kind: 'number',
    unit: null,
    choices: [],
    live: true,
    chart: false,
    stale_after_s: null,
    ...more,
  }
}

export const LIGHT: TwinType = {
  key: 'Streetlight',
  symbol: 'light',
  map: 'point',
  min_zoom: 0,
  properties: [
    property('level_pct', { unit: '%', stale_after_s: 300 }),
    property('health'),
    property('control', { kind: 'choice', choices: ['programme', 'manual'] }),
  ],
  attributes: [{ key: 'lamp', kind: 'text', unit: null, choices: [] }],
  table_columns: ['level_pct', 'lamp'],
  fault_property: 'health',
  level_property: 'level_pct',
}

/** Four lights at rows 10, 12, 14 and 16, in two communes; the last is unknown to the table. */
export function fourLights(): TypeColumns {
  const columns = new TypeColumns('lighting', LIGHT, {
    row: Uint32Array.of(10, 12, 14, 16),
    lon: Float32Array.of(5, 5.01, 5.02, 5.03),
    lat: Float32Array.of(47.3, 47.31, 47.32, 47.33),
    commune: Uint8Array.of(0, 0, 1, 1),
  })
  columns.setTable({
    row: [14, 10, 12, 99],
    id: ['urn:c', 'urn:a', 'urn:b', 'urn:hidden'],
    name: ['L-3', 'L-1', 'L-2', 'L-9'],
    commune: ['21166', '21231', '21231', '21231'],
    street: ['Rue de Chenôve', 'Rue Monge', null, null],
    attributes: { lamp: ['led', 'sodium', 'led', 'led'] },
  })
  return columns
}
