/** Chooses the marks of the map: symbols below, faults by priority above, focus on top. */
import type { Card } from '../api/contract'
import type { TypeColumns } from '../twins/columns'
import {
  CELL_CAMERA,
  CELL_HALO,
  CELL_HOVER,
  CELL_JUNCTION,
  CELL_SELECTED,
  CELL_SYMBOL,
  CELL_SYMBOL_OTHER,
} from './atlas'
import type { Mark } from './marks_layer'

/** Size in px of a fault by priority, before the zoom's scale; never below 9 on screen. */
const FAULT_PX = [25, 21, 17, 12]
/** The drawing of a type's symbol, by the word of its manifest. */
const CELLS: Record<string, number> = { cabinet: CELL_SYMBOL, junction: CELL_JUNCTION, camera: CELL_CAMERA }
export type Place = { lon: number; lat: number }

export function symbolMarks(types: Iterable<TypeColumns>): Mark[] {
  const marks: Mark[] = []
  for (const columns of types) {
    if (columns.type.map !== 'symbol') continue
    const cell = CELLS[columns.type.symbol] ?? CELL_SYMBOL_OTHER
    const { lon, lat } = columns.positions
    for (let i = 0; i < columns.n; i++) {
      marks.push({ lon: lon[i]!, lat: lat[i]!, cell, size: 12, minZoom: columns.type.min_zoom, alpha: 0.9 })
    }
  }
  return marks
}

export function faultMarks(types: Iterable<TypeColumns>): Mark[] {
  const byPriority: Mark[][] = [[], [], [], []]
  for (const columns of types) {
    const fault = columns.live.get(columns.type.fault_property ?? '')
    if (!fault || columns.type.map === 'none') continue
    const { lon, lat } = columns.positions
    for (let i = 0; i < columns.n; i++) {
      const priority = fault.value[i]!
      if (!(priority >= 1 && priority <= 4)) continue
      const cell = priority - 1
      const size = FAULT_PX[cell]!
      byPriority[cell]!.push({ lon: lon[i]!, lat: lat[i]!, cell, size, minZoom: 0, alpha: 1 })
    }
  }
  return byPriority.reverse().flat()
}

export function haloMarks(cards: Iterable<Card>): Mark[] {
  const marks: Mark[] = []
  for (const { priority, unacknowledged, lon, lat } of cards) {
    if (priority !== 1 || unacknowledged === 0) continue
    marks.push({ lon, lat, cell: CELL_HALO, size: 42, minZoom: 0, alpha: 1 })
  }
  return marks
}

export function focusMarks(selected: Place | null, hovered: Place | null): Mark[] {
  const marks: Mark[] = []
  if (hovered) marks.push({ ...hovered, cell: CELL_HOVER, size: 26, minZoom: 0, alpha: 1 })
  if (selected) marks.push({ ...selected, cell: CELL_SELECTED, size: 34, minZoom: 0, alpha: 1 })
  return marks
}
