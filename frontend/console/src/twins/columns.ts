/** The live values of one twin type in typed arrays, one column for each property, by local index. */
import type { Property, TwinTable, TwinType } from '../api/contract'
import type { Frame, Positions } from '../api/frames'

export type LiveColumn = { value: Float32Array; observedS: Uint32Array; quality: Uint8Array }
export type Touched = { from: number; to: number }

export class TypeColumns {
  readonly n: number
  readonly live = new Map<string, LiveColumn>()
  table: TwinTable | null = null
  /** Place of each local index in the table, -1 when the table lacks it. */
  tableAt = new Int32Array(0)
  private readonly indexOfRow: Int32Array
  private readonly indexOfId = new Map<string, number>()

  constructor(
    readonly trade: string,
    readonly type: TwinType,
    readonly positions: Positions,
  ) {
    this.n = positions.row.length
    let top = -1
    for (const row of positions.row) if (row > top) top = row
    this.indexOfRow = new Int32Array(top + 1).fill(-1)
    for (let i = 0; i < this.n; i++) this.indexOfRow[positions.row[i]!] = i
    for (const property of type.properties)
      if (property.live) this.live.set(property.key, emptyColumn(this.n))
  }

  /** Writes one frame; returns the span of local indexes that it touched, or null. */
  apply(frame: Frame, property: Property): Touched | null {
    const column = this.live.get(property.key)
    if (!column) return null
    const { row, value, observedS, quality } = frame
    const { indexOfRow } = this
    let from = this.n
    let to = -1
    for (let k = 0; k < row.length; k++) {
      const i = row[k]! < indexOfRow.length ? indexOfRow[row[k]!]! : -1
      if (i < 0) continue
      column.value[i] = value[k]!
      column.observedS[i] = observedS[k]!
      column.quality[i] = quality[k]!
      if (i < from) from = i
      if (i > to) to = i
    }
    return to < 0 ? null : { from, to }
  }

  setTable(table: TwinTable): void {
    this.table = table
    this.tableAt = new Int32Array(this.n).fill(-1)
    this.indexOfId.clear()
    for (let at = 0; at < table.row.length; at++) {
      const row = table.row[at]!
      const i = row < this.indexOfRow.length ? this.indexOfRow[row]! : -1
      if (i < 0) continue
      this.tableAt[i] = at
      this.indexOfId.set(table.id[at]!, i)
    }
  }

  idOf(i: number): string | null {
    return this.table?.id[this.tableAt[i] ?? -1] ?? null
  }

  nameOf(i: number): string | null {
    return this.table?.name[this.tableAt[i] ?? -1] ?? null
  }

  streetOf(i: number): string | null {
    return this.table?.street[this.tableAt[i] ?? -1] ?? null
  }

  findIndex(urn: string): number {
    return this.indexOfId.get(urn) ?? -1
  }

  /** By what is written on the object itself, whatever the case. */
  findName(name: string): number {
    const wanted = name.toLowerCase()
    const at = this.table?.name.findIndex((one) => one.toLowerCase() === wanted) ?? -1
    return at < 0 ? -1 : this.findIndex(this.table!.id[at]!)
  }

  property(key: string | null): Property | null {
    return this.type.properties.find((property) => property.key === key) ?? null
  }
}

function emptyColumn(n: number): LiveColumn {
  return {
    value: new Float32Array(n).fill(NaN),
    observedS: new Uint32Array(n),
    quality: new Uint8Array(n),
  }
}
