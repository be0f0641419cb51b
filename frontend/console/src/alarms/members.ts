/** Every alarm behind a card, page by page: what is done to all must reach all. */
import type { Alarm } from '../api/contract'
import { fetchJson } from '../api/requests'
import type { Members } from './contract'

const PAGE = 1000

export async function listMembers(card: string): Promise<Alarm[]> {
  const path = `/api/alarms/cards/${encodeURIComponent(card)}/members?limit=${PAGE}`
  const found: Alarm[] = []
  for (;;) {
    const after = found.length > 0 ? `&after=${encodeURIComponent(found.at(-1)!.id)}` : ''
    const { alarms, total } = await fetchJson<Members>(path + after)
    found.push(...alarms)
    if (alarms.length === 0 || found.length >= total) return found
  }
}
