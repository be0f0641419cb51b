/** Which twins the table shows, in which order: pure functions over columns, 34,000 rows in a few ms. */
import type { TypeColumns } from '../twins/columns'

export type LevelBand = 'any' | 'off' | 'reduced' | 'full'
export type Criteria = {
  text: string
  /** Index into the bootstrap's communes, -1 for all. */
  commune: number
  faulty: boolean
  held: boolean
  stale: boolean
  level: LevelBand
}
export type Sort = { key: string; down: boolean }
export const NO_CRITERIA: Criteria = {
  text: '',
  commune: -1,
  faulty: false,
  held: false,
  stale: false,
  level: 'any',
}

const folded = new WeakMap<object, string[]>()

/** Lower case without accents: a search for `chenove` finds `Chenôve`. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}

function haystacks(columns: TypeColumns): string[] {
  const table = columns.table
  if (!table) return []
  let made = folded.get(table)
  if (!made) {
    made = table.name.map((name, at) => fold(`${name} ${table.street[at] ?? ''}`))
    folded.set(table, made)
  }
  return made
}

/** Whether every twin is called by its street and something more. */
export function namesTellStreet({ table }: TypeColumns): boolean {
  return table?.name.every((name, at) => name.startsWith(table.street[at] ?? '\0')) ?? false
}

/** True when the answer changes with live values, so that it must be asked again. */
export function isLive(criteria: Criteria): boolean {
  return criteria.faulty || criteria.held || criteria.stale || criteria.level !== 'any'
}

export function isOpenTo(level: number, band: LevelBand): boolean {
  if (band === 'any') return true
  if (band === 'off') return level === 0
  return band === 'full' ? level >= 100 : level > 0 && level < 100
}

type Test = (i: number) => boolean

function testsFor(columns: TypeColumns, criteria: Criteria, held: ReadonlySet<number>, nowS: number): Test[] {
  const tests: Test[] = []
  const { type, live, positions, tableAt } = columns
  const level = live.get(type.level_property ?? '')
  const fault = live.get(type.fault_property ?? '')
  if (criteria.commune >= 0) tests.push((i) => positions.commune[i] === criteria.commune)
  if (criteria.faulty) tests.push((i) => fault !== undefined && fault.value[i]! > 0)
  if (criteria.held) tests.push((i) => held.has(i))
  if (criteria.level !== 'any')
    tests.push((i) => level !== undefined && isOpenTo(level.value[i]!, criteria.level))
  if (criteria.stale) tests.push(staleTest(columns, nowS))
  if (criteria.text) {
    const words = fold(criteria.text).split(/\s+/).filter(Boolean)
    const texts = haystacks(columns)
    tests.push((i) => words.every((word) => texts[tableAt[i]!]?.includes(word)))
  }
  return tests
}

function staleTest(columns: TypeColumns, nowS: number): Test {
  const timed = columns.type.properties.filter((p) => p.live && p.stale_after_s !== null)
  const watched = timed.map((p) => ({ column: columns.live.get(p.key)!, oldest: nowS - p.stale_after_s! }))
  return (i) => watched.some(({ column, oldest }) => column.observedS[i]! < oldest)
}

export function filterRows(
  columns: TypeColumns,
  criteria: Criteria,
  held: ReadonlySet<number>,
  nowS: number,
  masks: Uint8Array[] = [],
): Uint32Array<ArrayBuffer> {
  const tests = testsFor(columns, criteria, held, nowS)
  for (const mask of masks) tests.push((i) => mask[i] === 1)
  const found = new Uint32Array(columns.n)
  let n = 0
  for (let i = 0; i < columns.n; i++) {
    if (tests.every((test) => test(i))) found[n++] = i
  }
  return found.slice(0, n)
}

/** What a cell of the table shows, before it is put into words. */
export function cellOf(columns: TypeColumns, key: string, i: number): number | string | boolean | null {
  const live = columns.live.get(key)
  if (live) return live.value[i]!
  const at = columns.tableAt[i] ?? -1
  const { table } = columns
  if (!table || at < 0) return null
  if (key === '@name') return table.name[at] ?? null
  if (key === '@street') return table.street[at] ?? null
  if (key === '@commune') return columns.positions.commune[i]!
  return table.attributes[key]?.[at] ?? null
}

/** Numbers within a text count as numbers: house 2 before house 10. */
function inOrder(text: string): string {
  return fold(text).replace(/\d+/g, (digits) => digits.padStart(6, '0'))
}

export function sortRows(
  columns: TypeColumns,
  rows: Uint32Array<ArrayBuffer>,
  sort: Sort,
): Uint32Array<ArrayBuffer> {
  const keys = new Map<number, number | string | null>()
  for (const i of rows) {
    const cell = cellOf(columns, sort.key, i)
    const empty = cell === null || Number.isNaN(cell)
    keys.set(i, empty ? null : typeof cell === 'string' ? inOrder(cell) : Number(cell))
  }
  const sign = sort.down ? -1 : 1
  return rows.toSorted((a, b) => {
    const [x, y] = [keys.get(a)!, keys.get(b)!]
    if (x === y) return a - b
    if (x === null || y === null) return x === null ? 1 : -1
    return x < y ? -sign : sign
  })
}
