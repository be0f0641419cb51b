/** Fetches the columns that modes and filters are made of. */
import { call } from '../api/requests'
import { twins } from '../twins/twins.svelte'
import { decodeMode, type ModeColumn } from './contract'

export const LIGHT = 'Streetlight'

/** Raises PostError as every request does. */
export async function fetchMode(mode: string): Promise<ModeColumn> {
  return decodeMode(await (await call('GET', `/api/lighting/modes/${mode}`)).arrayBuffer())
}

/** An attribute of every light in the order of its column. */
export function attribute(key: string): (number | string | null)[] {
  const columns = twins.columns.get(LIGHT)
  const values = columns?.table?.attributes[key]
  if (!columns || !values) return []
  return Array.from(columns.tableAt, (at) => (at < 0 ? null : (values[at] as number | string | null)))
}
