/** Sorts lights into at most eight bins that a mode of the map draws, each with words, a shape and a shade. */
import type { ModeColumn } from './contract'

export type Label = { key: string; values?: Record<string, string | number> }
/** shade: 0 (low) to 1 (high) along the mode's ramp; hue: place in the list of unordered colours. */
export type Bin = Label & { shape: number; shade?: number; hue?: number; count: number }
/** of: the bin of each light, 0 unknown; bins[0] is unknown. */
export type Binned = { bins: Bin[]; of: Uint8Array<ArrayBuffer> }

/** Ring, circle, diamond, square, triangle, cross, bar: as the points layer numbers them. */
const SHAPES = [4, 0, 2, 1, 3, 5, 6, 0]
const MOST = 8
/** 0 W is off: a driver's standby is below half a watt. */
export const POWER_W = [0.5, 20, 40, 70, 120]
export const AGE_YEARS = [5, 10, 15, 20, 30]
export const SAVING_PCT = [0, 25, 50, 70, 80]

/** Squares for motor traffic (M), diamonds for conflict areas (C), circles for people on foot (P). EN 13201-2. */
const CLASSES: { from: string; to: string; shape: number }[] = [
  { from: 'P5', to: 'P7', shape: 4 },
  { from: 'P3', to: 'P4', shape: 0 },
  { from: 'P1', to: 'P2', shape: 0 },
  { from: 'C3', to: 'C5', shape: 2 },
  { from: 'C0', to: 'C2', shape: 2 },
  { from: 'M5', to: 'M6', shape: 1 },
  { from: 'M3', to: 'M4', shape: 1 },
  { from: 'M1', to: 'M2', shape: 1 },
]

function gather(bins: Bin[], of: Uint8Array<ArrayBuffer>): Binned {
  for (const bin of of) bins[bin]!.count++
  return { bins, of }
}

const unknown = (): Bin => ({ key: 'lighting.bin.unknown', shape: 0, count: 0 })

/** Bins between edges: below the first, between two, from the last on. */
export function binByEdges(values: ArrayLike<number>, edges: number[], unit: string): Binned {
  const last = edges.length
  const bins = [unknown()]
  for (let k = 0; k <= last; k++) {
    const [from, to] = [edges[k - 1], edges[k]]
    const key = from === undefined ? 'below' : to === undefined ? 'from' : 'between'
    const words = { ...(from !== undefined && { from }), ...(to !== undefined && { to }), unit }
    bins.push({ key: `lighting.bin.${key}`, values: words, shape: SHAPES[k]!, shade: k / last, count: 0 })
  }
  const of = new Uint8Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value !== value) continue
    let bin = 1
    while (bin <= last && value >= edges[bin - 1]!) bin++
    of[i] = bin
  }
  return gather(bins, of)
}

/** Lighting classes by family and pairs; a class that EN 13201-2 does not know is unknown. */
export function binByClass({ head, values }: ModeColumn): Binned {
  const bins = [
    unknown(),
    ...CLASSES.map(({ from, to, shape }, k) => ({
      key: 'lighting.bin.classes',
      values: { from, to },
      shape,
      shade: k / (CLASSES.length - 1),
      count: 0,
    })),
  ]
  const binOf = head.choices.map(
    (name) => 1 + CLASSES.findIndex(({ from, to }) => name >= from && name <= to && name.length === 2),
  )
  return gather(bins, binEach(values, binOf))
}

/** The programmes of most lights each, the rest together. */
export function binByProgramme({ head, values }: ModeColumn): Binned {
  const shown = head.choices.length > MOST ? MOST - 1 : head.choices.length
  const bins: Bin[] = [unknown()]
  head.choices.slice(0, shown).forEach((name, k) => {
    bins.push({ key: 'lighting.bin.name', values: { name }, shape: SHAPES[(k + 1) % 6]!, hue: k, count: 0 })
  })
  if (shown < head.choices.length) {
    const n = head.choices.length - shown
    bins.push({ key: 'lighting.bin.others', values: { n }, shape: 6, hue: MOST - 1, count: 0 })
  }
  return gather(
    bins,
    binEach(
      values,
      head.choices.map((_, k) => Math.min(k + 1, bins.length - 1)),
    ),
  )
}

function binEach(values: Float32Array, binOf: number[]): Uint8Array<ArrayBuffer> {
  const of = new Uint8Array(values.length)
  for (let i = 0; i < values.length; i++) of[i] = binOf[values[i]!] ?? 0
  return of
}

/** Years in service at the end of a year; a light without a year of installation is unknown. */
export function ages(years: (number | null | undefined)[], now: number): Float32Array {
  return Float32Array.from(years, (year) => (typeof year === 'number' && year > 1900 ? now - year : NaN))
}
