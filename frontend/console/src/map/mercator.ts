/** Web Mercator in units of one world width, as MapLibre's matrices expect it. */

export function mercatorX(lon: number): number {
  return (lon + 180) / 360
}

export function mercatorY(lat: number): number {
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI)
}

/** Positions as offsets from an origin: 32-bit floats alone would be 2 m off. */
export function relativePositions(
  lon: Float32Array,
  lat: Float32Array,
  origin: { x: number; y: number },
): Float32Array {
  const out = new Float32Array(lon.length * 2)
  for (let i = 0; i < lon.length; i++) {
    out[2 * i] = mercatorX(lon[i]!) - origin.x
    out[2 * i + 1] = mercatorY(lat[i]!) - origin.y
  }
  return out
}

/** The matrix that takes offsets from `origin`, computed in 64 bits and rounded last. */
export function matrixAt(
  main: ArrayLike<number>,
  origin: { x: number; y: number },
  out: Float32Array,
): Float32Array {
  for (let k = 0; k < 16; k++) out[k] = main[k]!
  for (let k = 0; k < 4; k++) out[12 + k] = main[k]! * origin.x + main[4 + k]! * origin.y + main[12 + k]!
  return out
}
