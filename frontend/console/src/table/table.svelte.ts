/** The state of the asset table: type, filters, order, chosen rows; the map dims what the filters leave out. */
import type { Selection } from '../api/contract'
import { clock } from '../clock.svelte'
import { desk } from '../focus.svelte'
import type { TypeColumns } from '../twins/columns'
import { city, twins } from '../twins/twins.svelte'
import { t, tn } from '../words.svelte'
import { type Criteria, filterRows, isLive, NO_CRITERIA, type Sort, sortRows } from './rows'

/** What a part leaves of one type: 1 for each twin that stays. */
export type Narrowing = { typeKey: string; mask: Uint8Array }

class TableState {
  typeKey = $state('')
  criteria = $state<Criteria>({ ...NO_CRITERIA })
  narrowings = $state.raw<ReadonlyMap<string, Narrowing>>(new Map())
  sort = $state<Sort>({ key: '@name', down: false })
  chosen = $state.raw<ReadonlySet<number>>(new Set())
  cursor = $state(0)
  /** Moves when live criteria must be asked again. */
  beat = $state(0)
  columns = $derived(this.findColumns())
  filtered = $derived.by(() => {
    void this.beat
    void twins.tablesLoaded
    return this.columns
      ? filterRows(
          this.columns,
          this.criteria,
          this.heldIndexes(this.columns),
          clock.exact(),
          this.masksOf(this.columns),
        )
      : EMPTY
  })
  rows = $derived(this.columns ? sortRows(this.columns, this.filtered, this.sort) : EMPTY)
  filtering = $derived(
    isLive(this.criteria) ||
      this.criteria.text.trim() !== '' ||
      this.criteria.commune >= 0 ||
      this.narrowings.size > 0,
  )

  private findColumns(): TypeColumns | null {
    void twins.positionsLoaded
    return twins.columns.get(this.typeKey) ?? twins.columns.values().next().value ?? null
  }

  private heldIndexes(columns: TypeColumns): Set<number> {
    return new Set(twins.holds.map((hold) => columns.findIndex(hold.twin)))
  }

  private masksOf({ type }: TypeColumns): Uint8Array[] {
    return [...this.narrowings.values()].filter((one) => one.typeKey === type.key).map(({ mask }) => mask)
  }

  /** A part's own filter under a name of its own; null takes it away. */
  narrow(name: string, narrowing: Narrowing | null): void {
    if (!narrowing && !this.narrowings.has(name)) return
    if (narrowing && this.columns?.type.key !== narrowing.typeKey) this.use(narrowing.typeKey)
    const next = new Map(this.narrowings)
    if (narrowing) next.set(name, narrowing)
    else next.delete(name)
    this.narrowings = next
    this.chosen = new Set()
    this.cursor = 0
  }

  refreshLive(): void {
    if (isLive(this.criteria)) this.beat++
  }

  use(typeKey: string): void {
    this.typeKey = typeKey
    this.sort = { key: '@name', down: false }
    this.reset()
  }

  reset(): void {
    this.criteria = { ...NO_CRITERIA }
    this.narrowings = new Map()
    this.chosen = new Set()
    this.cursor = 0
  }

  sortBy(key: string): void {
    this.sort = { key, down: this.sort.key === key ? !this.sort.down : false }
  }

  toggle(index: number): void {
    const next = new Set(this.chosen)
    if (!next.delete(index)) next.add(index)
    this.chosen = next
  }

  toggleAll(): void {
    this.chosen = this.chosen.size === this.rows.length ? new Set() : new Set(this.rows)
  }

  /** The narrowest words for what is chosen: rows, else the filter, else everything. */
  selection(): Selection {
    const { columns } = this
    if (!columns) return { kind: 'twins', ids: [] }
    const selection = this.chosen.size > 0 ? null : this.wholeSelection(columns)
    const indexes = this.chosen.size > 0 ? [...this.chosen] : [...this.rows]
    const ids = indexes.map((i) => columns.idOf(i)).filter((id) => id !== null)
    return selection ?? { kind: 'twins', ids }
  }

  act(): void {
    desk.showArea({
      selection: this.selection(),
      title: tn('table.chosen', this.chosen.size || this.rows.length),
      detail: this.chosen.size > 0 ? t('table.by_hand') : t('table.by_filter'),
      ring: null,
      center: null,
    })
  }

  private wholeSelection(columns: TypeColumns): Selection | null {
    if (columns.type.map !== 'point') return null
    const { criteria } = this
    if (isLive(criteria) || criteria.text.trim() !== '' || this.narrowings.size > 0) return null
    if (criteria.commune < 0) return { kind: 'all' }
    return { kind: 'commune', ids: [city.bootstrap!.communes[criteria.commune]!.insee] }
  }
}

const EMPTY = new Uint32Array(0)

export const table = new TableState()
