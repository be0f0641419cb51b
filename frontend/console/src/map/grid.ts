/** A grid over points in degrees, so that picking looks only at the neighbourhood of the pointer. */
import type { Ring } from '../api/contract'

const CELL_DEG = 0.004

export class PointGrid {
  private readonly west: number
  private readonly south: number
  private readonly columns: number
  private readonly rows: number
  private readonly start: Uint32Array
  private readonly items: Uint32Array

  constructor(
    private readonly lon: Float32Array,
    private readonly lat: Float32Array,
  ) {
    const box = boundsOf(lon, lat)
    this.west = box.west
    this.south = box.south
    this.columns = Math.max(1, Math.ceil((box.east - box.west) / CELL_DEG) + 1)
    this.rows = Math.max(1, Math.ceil((box.north - box.south) / CELL_DEG) + 1)
    this.start = new Uint32Array(this.columns * this.rows + 1)
    this.items = new Uint32Array(lon.length)
    this.sortIntoCells()
  }

  private sortIntoCells(): void {
    for (let i = 0; i < this.lon.length; i++) this.start[this.cellOf(i) + 1]!++
    for (let c = 1; c < this.start.length; c++) this.start[c]! += this.start[c - 1]!
    const next = this.start.slice()
    for (let i = 0; i < this.lon.length; i++) this.items[next[this.cellOf(i)]!++] = i
  }

  private cellOf(i: number): number {
    const column = Math.floor((this.lon[i]! - this.west) / CELL_DEG)
    return Math.floor((this.lat[i]! - this.south) / CELL_DEG) * this.columns + column
  }

  /** Calls `visit` for each point in the box. */
  visitBox(west: number, south: number, east: number, north: number, visit: (i: number) => void): void {
    const c0 = Math.max(0, Math.floor((west - this.west) / CELL_DEG))
    const c1 = Math.min(this.columns - 1, Math.floor((east - this.west) / CELL_DEG))
    const r0 = Math.max(0, Math.floor((south - this.south) / CELL_DEG))
    const r1 = Math.min(this.rows - 1, Math.floor((north - this.south) / CELL_DEG))
    for (let r = r0; r <= r1; r++) {
      for (let k = this.start[r * this.columns + c0]!; k < this.start[r * this.columns + c1 + 1]!; k++) {
        const i = this.items[k]!
        const x = this.lon[i]!
        const y = this.lat[i]!
        if (x >= west && x <= east && y >= south && y <= north) visit(i)
      }
    }
  }

  /** The point nearest to a place within a radius, both in degrees of latitude, or -1. */
  nearest(lon: number, lat: number, radiusDeg: number): number {
    const squeeze = Math.cos((lat * Math.PI) / 180)
    const reach = radiusDeg / squeeze
    let best = -1
    let bestSquare = radiusDeg * radiusDeg
    this.visitBox(lon - reach, lat - radiusDeg, lon + reach, lat + radiusDeg, (i) => {
      const dx = (this.lon[i]! - lon) * squeeze
      const dy = this.lat[i]! - lat
      const square = dx * dx + dy * dy
      if (square <= bestSquare) {
        best = i
        bestSquare = square
      }
    })
    return best
  }

  /** The points inside a ring (even-odd). */
  inside(ring: Ring): number[] {
    const found: number[] = []
    const lons = ring.map((p) => p[0])
    const lats = ring.map((p) => p[1])
    this.visitBox(Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats), (i) => {
      if (contains(ring, this.lon[i]!, this.lat[i]!)) found.push(i)
    })
    return found
  }
}

function boundsOf(lon: Float32Array, lat: Float32Array) {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < lon.length; i++) {
    west = Math.min(west, lon[i]!)
    east = Math.max(east, lon[i]!)
    south = Math.min(south, lat[i]!)
    north = Math.max(north, lat[i]!)
  }
  return lon.length === 0 ? { west: 0, south: 0, east: 0, north: 0 } : { west, south, east, north }
}

/** Even-odd rule; the ring needs not be closed. */
export function contains(ring: Ring, lon: number, lat: number): boolean {
  let inside = false
  for (let a = 0, b = ring.length - 1; a < ring.length; b = a++) {
    const [ax, ay] = ring[a]!
    const [bx, by] = ring[b]!
    if (ay > lat !== by > lat && lon < ((bx - ax) * (lat - ay)) / (by - ay) + ax) inside = !inside
  }
  return inside
}
