/** Decodes the two binary formats of the post: positions (ODP1) and live frames (ODF1), both little endian. */

const ODP1 = 0x3150444f
const ODF1 = 0x3146444f

export type Positions = { row: Uint32Array; lon: Float32Array; lat: Float32Array; commune: Uint8Array }
export type Frame = {
  full: boolean
  typeIndex: number
  propertyIndex: number
  epochS: number
  row: Uint32Array
  value: Float32Array
  observedS: Uint32Array
  quality: Uint8Array
}

function u32(buffer: ArrayBuffer, at: number, n: number): Uint32Array {
  return new Uint32Array(at % 4 ? buffer.slice(at, at + 4 * n) : buffer, at % 4 ? 0 : at, n)
}

function f32(buffer: ArrayBuffer, at: number, n: number): Float32Array {
  return new Float32Array(at % 4 ? buffer.slice(at, at + 4 * n) : buffer, at % 4 ? 0 : at, n)
}

/** Positions of the twins of one type that the person may see. */
export function decodePositions(buffer: ArrayBuffer): Positions {
  const view = new DataView(buffer)
  if (buffer.byteLength < 8 || view.getUint32(0, true) !== ODP1) throw new Error('not an ODP1 message')
  const n = view.getUint32(4, true)
  if (buffer.byteLength < 8 + 13 * n) throw new Error('ODP1 message is cut')
  return {
    row: u32(buffer, 8, n),
    lon: f32(buffer, 8 + 4 * n, n),
    lat: f32(buffer, 8 + 8 * n, n),
    commune: new Uint8Array(buffer, 8 + 12 * n, n),
  }
}

/** One property of one twin type, for the rows that changed (or all of them when `full`). */
export function decodeFrame(buffer: ArrayBuffer): Frame {
  const view = new DataView(buffer)
  if (buffer.byteLength < 20 || view.getUint32(0, true) !== ODF1) throw new Error('not an ODF1 message')
  const n = view.getUint32(16, true)
  if (buffer.byteLength < 20 + 13 * n) throw new Error('ODF1 message is cut')
  return {
    full: (view.getUint8(4) & 1) === 1,
    typeIndex: view.getUint8(5),
    propertyIndex: view.getUint16(6, true),
    epochS: view.getFloat64(8, true),
    row: u32(buffer, 20, n),
    value: f32(buffer, 20 + 4 * n, n),
    observedS: u32(buffer, 20 + 8 * n, n),
    quality: new Uint8Array(buffer, 20 + 12 * n, n),
  }
}
