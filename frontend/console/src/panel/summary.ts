/** Counts over one type's live columns, for the overview. */
import { clock } from '../clock.svelte'
import type { TypeColumns } from '../twins/columns'

export type Summary = {
  columns: TypeColumns
  lit: number | null
  faults: number | null
  stale: number | null
}

export function summarise(columns: TypeColumns): Summary {
  const { type, live, n } = columns
  const level = live.get(type.level_property ?? '')
  const fault = live.get(type.fault_property ?? '')
  const staleAfterS = columns.property(type.level_property)?.stale_after_s ?? null
  const oldest = staleAfterS === null ? 0 : clock.exact() - staleAfterS
  let [lit, faults, stale] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    if (level && level.value[i]! > 0) lit++
    if (level && level.observedS[i]! < oldest) stale++
    if (fault && fault.value[i]! > 0) faults++
  }
  return {
    columns,
    lit: level ? lit : null,
    faults: fault ? faults : null,
    stale: level && staleAfterS !== null ? stale : null,
  }
}
