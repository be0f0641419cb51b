/** Picking and areas over a grid give what a full scan gives. */
import { describe, expect, test } from 'vitest'
import type { Ring } from '../../api/contract'
import { Drawing } from '../drawing'
import { contains, PointGrid } from '../grid'
import { matrixAt, mercatorX, mercatorY } from '../mercator'

function scattered(n: number) {
  let seed = 1
  const next = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  const lon = Float32Array.from({ length: n }, () => 5 + next() * 0.2)
  const lat = Float32Array.from({ length: n }, () => 47.2 + next() * 0.2)
  return { lon, lat }
}

describe('grid', () => {
  const { lon, lat } = scattered(3000)
  const grid = new PointGrid(lon, lat)

  test('the nearest point is the one that a full scan finds', () => {
    for (const [x, y] of [
      [5.1, 47.3],
      [5.003, 47.399],
      [5.17, 47.21],
    ] as const) {
      const squeeze = Math.cos((y * Math.PI) / 180)
      const far = (i: number) => Math.hypot((lon[i]! - x) * squeeze, lat[i]! - y)
      const best = lon.reduce((b, _, i) => (far(i) < far(b) ? i : b), 0)
      expect(grid.nearest(x, y, 0.02)).toBe(far(best) <= 0.02 ? best : -1)
    }
  })
  test('nothing is picked far from every point', () => {
    expect(grid.nearest(6, 48, 0.001)).toBe(-1)
  })
  test('an area finds exactly the points inside', () => {
    const ring: Ring = [
      [5.02, 47.22],
      [5.15, 47.25],
      [5.1, 47.37],
      [5.06, 47.3],
    ]
    const inside = Array.from({ length: 3000 }, (_, i) => i).filter((i) => contains(ring, lon[i]!, lat[i]!))
    expect(grid.inside(ring).sort((a, b) => a - b)).toEqual(inside)
    expect(inside.length).toBeGreaterThan(100)
  })
  test('a city without points has nothing to pick', () => {
    expect(new PointGrid(new Float32Array(0), new Float32Array(0)).nearest(5, 47, 1)).toBe(-1)
  })
})

describe('mercator', () => {
  test('an offset matrix places a point as the plain matrix does', () => {
    const main = Array.from({ length: 16 }, (_, k) => Math.sin(k + 1))
    const origin = { x: mercatorX(5), y: mercatorY(47.3) }
    const moved = matrixAt(main, origin, new Float32Array(16))
    const at = { x: mercatorX(5.01), y: mercatorY(47.31) }
    const plain = main[0]! * at.x + main[4]! * at.y + main[12]!
    const offset = moved[0]! * (at.x - origin.x) + moved[4]! * (at.y - origin.y) + moved[12]!
    expect(offset).toBeCloseTo(plain, 6)
  })
})

describe('drawing', () => {
  test('a polygon closes on Enter once it has three corners', () => {
    const done: Ring[] = []
    const drawing = new Drawing(
      'polygon',
      () => {},
      (ring) => done.push(ring),
    )
    drawing.click([0, 0], false)
    drawing.click([1, 0], false)
    drawing.close()
    expect(done).toEqual([])
    drawing.click([1, 1], false)
    drawing.close()
    expect(done).toEqual([
      [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
    ])
  })
  test('a rectangle closes by itself on its second corner', () => {
    const done: Ring[] = []
    const drawing = new Drawing(
      'rectangle',
      () => {},
      (ring) => done.push(ring),
    )
    drawing.click([0, 0], false)
    drawing.click([2, 1], false)
    expect(done[0]).toEqual([
      [0, 0],
      [2, 0],
      [2, 1],
      [0, 1],
    ])
  })
  test('the last corner can be taken back', () => {
    const drawing = new Drawing(
      'polygon',
      () => {},
      () => {},
    )
    drawing.click([0, 0], false)
    drawing.click([1, 0], false)
    drawing.back()
    expect(drawing.count).toBe(1)
  })
})
