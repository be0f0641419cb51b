/** Finds the twin under the pointer: faults first, then symbols, then points. */
import type { Ring } from '../api/contract'
import type { TypeColumns } from '../twins/columns'
import { PointGrid } from './grid'

export type Picked = { columns: TypeColumns; index: number }
const REACH_PX = { fault: 14, symbol: 11, point: 9 }

export class Picking {
  private readonly grids = new Map<TypeColumns, PointGrid>()

  add(columns: TypeColumns): void {
    this.grids.set(columns, new PointGrid(columns.positions.lon, columns.positions.lat))
  }

  /** `degPerPx`: degrees of latitude in one screen pixel at this place and zoom. */
  pick(lon: number, lat: number, degPerPx: number, zoom: number): Picked | null {
    return (
      this.nearestFault(lon, lat, degPerPx * REACH_PX.fault) ??
      this.nearestOf('symbol', lon, lat, degPerPx * REACH_PX.symbol, zoom) ??
      (zoom >= 12.5 ? this.nearestOf('point', lon, lat, degPerPx * REACH_PX.point, zoom) : null)
    )
  }

  private nearestOf(kind: 'symbol' | 'point', lon: number, lat: number, reach: number, zoom: number) {
    for (const [columns, grid] of this.grids) {
      if (columns.type.map !== kind || zoom < columns.type.min_zoom) continue
      const index = grid.nearest(lon, lat, reach)
      if (index >= 0) return { columns, index }
    }
    return null
  }

  private nearestFault(lon: number, lat: number, reach: number): Picked | null {
    const squeeze = Math.cos((lat * Math.PI) / 180)
    let best: Picked | null = null
    let bestSquare = reach * reach
    for (const [columns, grid] of this.grids) {
      const fault = columns.live.get(columns.type.fault_property ?? '')
      if (!fault) continue
      grid.visitBox(lon - reach / squeeze, lat - reach, lon + reach / squeeze, lat + reach, (index) => {
        if (!(fault.value[index]! > 0)) return
        const dx = (columns.positions.lon[index]! - lon) * squeeze
        const dy = columns.positions.lat[index]! - lat
        const square = dx * dx + dy * dy
        if (square > bestSquare) return
        best = { columns, index }
        bestSquare = square
      })
    }
    return best
  }

  inside(columns: TypeColumns, ring: Ring): number[] {
    return this.grids.get(columns)?.inside(ring) ?? []
  }
}
