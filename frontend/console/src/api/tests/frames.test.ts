/** The two binary formats, byte by byte as docs/console-api.md gives them. */
import { describe, expect, test } from 'vitest'
import { decodeFrame, decodePositions } from '../frames'

function positions(rows: number[]): ArrayBuffer {
  const n = rows.length
  const view = new DataView(new ArrayBuffer(8 + 13 * n))
  view.setUint32(0, 0x3150444f, true)
  view.setUint32(4, n, true)
  rows.forEach((row, k) => {
    view.setUint32(8 + 4 * k, row, true)
    view.setFloat32(8 + 4 * (n + k), 5 + k, true)
    view.setFloat32(8 + 4 * (2 * n + k), 47 + k, true)
    view.setUint8(8 + 12 * n + k, k)
  })
  return view.buffer as ArrayBuffer
}

function frame(rows: number[], flags: number): ArrayBuffer {
  const n = rows.length
  const view = new DataView(new ArrayBuffer(20 + 13 * n))
  view.setUint32(0, 0x3146444f, true)
  view.setUint8(4, flags)
  view.setUint8(5, 2)
  view.setUint16(6, 3, true)
  view.setFloat64(8, 1_700_000_000.5, true)
  view.setUint32(16, n, true)
  rows.forEach((row, k) => {
    view.setUint32(20 + 4 * k, row, true)
    view.setFloat32(20 + 4 * (n + k), k === 0 ? NaN : 60, true)
    view.setUint32(20 + 4 * (2 * n + k), 1000 + k, true)
    view.setUint8(20 + 12 * n + k, k)
  })
  return view.buffer as ArrayBuffer
}

describe('positions', () => {
  test('every column is read from its place', () => {
    const { row, lon, lat, commune } = decodePositions(positions([7, 3, 9]))
    expect([...row]).toEqual([7, 3, 9])
    expect([...lon]).toEqual([5, 6, 7])
    expect([...lat]).toEqual([47, 48, 49])
    expect([...commune]).toEqual([0, 1, 2])
  })
  test('a person who may see nothing gets an empty city', () => {
    expect(decodePositions(positions([])).row.length).toBe(0)
  })
  test('another format is refused', () => {
    expect(() => decodePositions(frame([1], 0))).toThrow('ODP1')
  })
  test('a cut message is refused', () => {
    expect(() => decodePositions(positions([1, 2]).slice(0, 20))).toThrow('cut')
  })
})

describe('live frames', () => {
  test('header and columns are read from their places', () => {
    const got = decodeFrame(frame([4, 5], 1))
    expect(got).toMatchObject({ full: true, typeIndex: 2, propertyIndex: 3, epochS: 1_700_000_000.5 })
    expect([...got.row]).toEqual([4, 5])
    expect(got.value[0]).toBeNaN()
    expect(got.value[1]).toBe(60)
    expect([...got.observedS]).toEqual([1000, 1001])
    expect([...got.quality]).toEqual([0, 1])
  })
  test('a partial frame says so', () => {
    expect(decodeFrame(frame([4], 0)).full).toBe(false)
  })
  test('a cut frame is refused', () => {
    expect(() => decodeFrame(frame([1, 2], 0).slice(0, 30))).toThrow('cut')
  })
})
