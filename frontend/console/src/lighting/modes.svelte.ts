/** The mode that the map colours lights by, and the bins it came to. */
import { clock } from '../clock.svelte'
import { table } from '../table/table.svelte'
import { refusalText } from '../telling'
import {
  AGE_YEARS,
  ages,
  binByClass,
  binByEdges,
  binByProgramme,
  type Binned,
  POWER_W,
  SAVING_PCT,
} from './bins'
import { attribute, fetchMode, LIGHT } from './columns'
import type { ModeHead } from './contract'

export const MODES = ['state', 'power', 'class', 'age', 'programme', 'saving'] as const
export type Mode = (typeof MODES)[number]
/** What is drawn now changes by the second, what follows a plan by the minute. */
const AGAIN_MS: Partial<Record<Mode, number>> = {
  power: 5000,
  programme: 60_000,
  saving: 300_000,
  class: 300_000,
}
const NARROWING = 'mode'

class Modes {
  key = $state<Mode>('state')
  binned = $state.raw<Binned | null>(null)
  head = $state.raw<ModeHead | null>(null)
  failed = $state<string | null>(null)
  /** The bins that the map and the table are narrowed to; none for all. */
  only = $state.raw<ReadonlySet<number>>(new Set())
  private asked = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  use(key: Mode): void {
    if (key === this.key) return
    this.key = key
    this.binned = this.head = this.failed = null
    this.show(new Set())
    void this.load()
  }

  /** Asks again, and again while the mode lives; an answer that comes after another was asked for is dropped. */
  async load(): Promise<void> {
    clearTimeout(this.timer)
    const { key } = this
    const asked = ++this.asked
    if (key === 'state') return
    try {
      const binned = await this.bin(key)
      if (asked !== this.asked) return
      this.binned = binned
      this.failed = null
      if (this.only.size > 0) this.show(this.only)
    } catch (error) {
      if (asked !== this.asked) return
      this.failed = refusalText(error)
    }
    const again = AGAIN_MS[key]
    if (again) this.timer = setTimeout(() => void this.load(), again)
  }

  private async bin(key: Mode): Promise<Binned> {
    if (key === 'age') {
      const year = new Date(clock.exact() * 1000).getUTCFullYear()
      return binByEdges(ages(attribute('installed_year') as number[], year), AGE_YEARS, '')
    }
    const column = await fetchMode(key)
    this.head = column.head
    if (key === 'class') return binByClass(column)
    if (key === 'programme') return binByProgramme(column)
    return binByEdges(column.values, key === 'power' ? POWER_W : SAVING_PCT, column.head.unit)
  }

  toggle(bin: number): void {
    const next = new Set(this.only)
    if (!next.delete(bin)) next.add(bin)
    this.show(next)
  }

  show(only: ReadonlySet<number>): void {
    this.only = only
    const of = this.binned?.of
    const narrowed = of && only.size > 0
    table.narrow(
      NARROWING,
      narrowed ? { typeKey: LIGHT, mask: Uint8Array.from(of, (bin) => (only.has(bin) ? 1 : 0)) } : null,
    )
  }

  /** Somebody took all filters of the table away. */
  forget(): void {
    if (this.only.size > 0 && !table.narrowings.has(NARROWING)) this.only = new Set()
  }

  stop(): void {
    clearTimeout(this.timer)
    this.asked++
  }
}

export const modes = new Modes()
