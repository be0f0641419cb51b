/** The filters that only lights have: class, lamp, power, age, programme, street, cabinet; all of them together. */
import { clock } from '../clock.svelte'
import { fold } from '../table/rows'
import { table } from '../table/table.svelte'
import { refusalText } from '../telling'
import { twins } from '../twins/twins.svelte'
import { attribute, fetchMode, LIGHT } from './columns'
import type { ModeColumn } from './contract'

export type Wanted = {
  class: string
  lamp_type: string
  programme: string
  street: string
  cabinet: string
  power_from: number | null
  power_to: number | null
  age_from: number | null
  age_to: number | null
}
export const NOTHING: Wanted = {
  class: '',
  lamp_type: '',
  programme: '',
  street: '',
  cabinet: '',
  power_from: null,
  power_to: null,
  age_from: null,
  age_to: null,
}
const NARROWING = 'lighting'
type Test = (i: number) => boolean

/** Between two ends, either of which may be open; what is unknown is in no range. */
export function within(value: number | null | undefined, from: number | null, to: number | null): boolean {
  if (from === null && to === null) return true
  return (
    typeof value === 'number' && value === value && value >= (from ?? -Infinity) && value <= (to ?? Infinity)
  )
}

class LightFilters {
  wanted = $state<Wanted>({ ...NOTHING })
  failed = $state<string | null>(null)
  /** Columns that came from the post, by mode; fetched once when a filter needs them. */
  columns = $state.raw<ReadonlyMap<string, ModeColumn>>(new Map())
  readonly active = $derived(Object.values(this.wanted).some((value) => value !== '' && value !== null))

  async need(mode: 'class' | 'programme' | 'cabinet'): Promise<void> {
    try {
      const column = await fetchMode(mode)
      this.columns = new Map(this.columns).set(mode, column)
      this.failed = null
    } catch (error) {
      this.failed = refusalText(error)
    }
  }

  choices(mode: string): string[] {
    return this.columns.get(mode)?.head.choices ?? []
  }

  apply(): void {
    const n = twins.columns.get(LIGHT)?.n
    if (n === undefined || !this.active) return table.narrow(NARROWING, null)
    const tests = this.tests()
    const mask = Uint8Array.from({ length: n }, (_, i) => (tests.every((test) => test(i)) ? 1 : 0))
    table.narrow(NARROWING, { typeKey: LIGHT, mask })
  }

  /** The table's own button takes every filter away. */
  forget(): void {
    if (this.active && !table.narrowings.has(NARROWING)) this.wanted = { ...NOTHING }
  }

  private tests(): Test[] {
    const wanted = this.wanted
    const tests: Test[] = []
    for (const mode of ['class', 'programme'] as const) {
      if (!wanted[mode]) continue
      const place = this.choices(mode).indexOf(wanted[mode])
      const values = this.columns.get(mode)?.values
      tests.push((i) => values?.[i] === place)
    }
    if (wanted.lamp_type) {
      const lamps = attribute('lamp_type')
      tests.push((i) => lamps[i] === wanted.lamp_type)
    }
    if (wanted.power_from !== null || wanted.power_to !== null) {
      const watts = attribute('rated_power_w') as (number | null)[]
      tests.push((i) => within(watts[i], wanted.power_from, wanted.power_to))
    }
    if (wanted.age_from !== null || wanted.age_to !== null) {
      const year = new Date(clock.exact() * 1000).getUTCFullYear()
      const years = attribute('installed_year') as (number | null)[]
      tests.push((i) => years[i] !== null && within(year - years[i]!, wanted.age_from, wanted.age_to))
    }
    return [...tests, ...this.placeTests()]
  }

  private placeTests(): Test[] {
    const { street, cabinet } = this.wanted
    const tests: Test[] = []
    const lights = twins.columns.get(LIGHT)!
    if (street) {
      const name = fold(street.trim())
      tests.push((i) => fold(lights.streetOf(i) ?? '') === name)
    }
    if (cabinet) {
      const cabinets = twins.columns.get('StreetlightControlCabinet')
      const at = cabinets?.findName(cabinet.trim()) ?? -1
      const place = this.choices('cabinet').indexOf(cabinets?.idOf(at) ?? '')
      const values = this.columns.get('cabinet')?.values
      tests.push((i) => place >= 0 && values?.[i] === place)
    }
    return tests
  }
}

export const lightFilters = new LightFilters()
