/** All twins that the person may see: types in the post's order, live columns, tables. */
import type { Bootstrap, Commune, Hold, Property, TwinType } from '../api/contract'
import { decodePositions, type Frame } from '../api/frames'
import { post } from '../api/requests'
import { TypeColumns, type Touched } from './columns'

export type KnownType = { trade: string; type: TwinType }
export type TouchListener = (
  columns: TypeColumns,
  touched: Touched,
  property: Property,
  full: boolean,
  spentMs: number,
) => void

class Twins {
  /** Reactive heartbeat of live values: at most twice a second. */
  version = $state(0)
  tablesLoaded = $state(0)
  positionsLoaded = $state(false)
  types = $state.raw<KnownType[]>([])
  holds = $state.raw<Hold[]>([])
  readonly columns = new Map<string, TypeColumns>()
  private listeners = new Set<TouchListener>()
  private bump: ReturnType<typeof setTimeout> | undefined

  /** The order of twin types is the order that frames count in. */
  describe(bootstrap: Bootstrap): void {
    this.types = bootstrap.trades.flatMap((trade) =>
      trade.twin_types.map((type) => ({ trade: trade.trade, type })),
    )
  }

  async loadPositions(): Promise<void> {
    const buffers = await Promise.all(this.types.map(({ type }) => post.positions(type.key)))
    this.types.forEach(({ trade, type }, k) => {
      this.columns.set(type.key, new TypeColumns(trade, type, decodePositions(buffers[k]!)))
    })
    this.positionsLoaded = true
  }

  async loadTables(): Promise<void> {
    for (const columns of this.columns.values()) {
      columns.setTable(await post.table(columns.type.key))
      this.tablesLoaded++
    }
  }

  async loadHolds(): Promise<void> {
    this.holds = await post.holds()
  }

  /** `decodeMs`: what decoding this frame took, counted into the cost of a full update. */
  apply(frame: Frame, decodeMs = 0): void {
    const known = this.types[frame.typeIndex]
    const property = known?.type.properties[frame.propertyIndex]
    const columns = known && this.columns.get(known.type.key)
    if (!columns || !property) return
    const started = performance.now()
    const touched = columns.apply(frame, property)
    if (!touched) return
    const spentMs = decodeMs + performance.now() - started
    const full = frame.full || frame.row.length >= 0.9 * columns.n
    for (const listener of this.listeners) listener(columns, touched, property, full, spentMs)
    this.bump ??= setTimeout(() => {
      this.bump = undefined
      this.version++
    }, 500)
  }

  listen(listener: TouchListener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  find(urn: string): { columns: TypeColumns; index: number } | null {
    for (const columns of this.columns.values()) {
      const index = columns.findIndex(urn)
      if (index >= 0) return { columns, index }
    }
    return null
  }

  typeOf(key: string): KnownType | null {
    return this.types.find((known) => known.type.key === key) ?? null
  }

  liveTypes(): string[] {
    return this.types.filter(({ type }) => type.properties.some((p) => p.live)).map(({ type }) => type.key)
  }

  clear(): void {
    this.columns.clear()
    this.positionsLoaded = false
    this.tablesLoaded = 0
    this.types = []
    this.holds = []
  }
}

export const twins = new Twins()

class CityFacts {
  bootstrap = $state.raw<Bootstrap | null>(null)

  communeName(insee: string): string {
    return this.commune(insee)?.name ?? insee
  }

  commune(insee: string): Commune | null {
    return this.bootstrap?.communes.find((commune) => commune.insee === insee) ?? null
  }
}

export const city = new CityFacts()
