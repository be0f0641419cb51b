/** The catalogue of incident types, loaded once, and how one finds a type by typing. */
import { fetchJson } from '../api/requests'
import { fold } from '../table/rows'
import { words } from '../words.svelte'
import type { IncidentType } from './contract'

class Types {
  list = $state.raw<IncidentType[]>([])
  private loading: Promise<void> | null = null

  load(): Promise<void> {
    this.loading ??= fetchJson<IncidentType[]>('/api/incident-types').then(
      (list) => void (this.list = list),
      (error: unknown) => {
        this.loading = null
        throw error
      },
    )
    return this.loading
  }

  find(key: string): IncidentType | null {
    return this.list.find((type) => type.key === key) ?? null
  }

  nameOf(key: string): string {
    return this.find(key)?.[words.lang] ?? key
  }
}

export const types = new Types()

export type CardSigns = { trade: string; kind: string; type: string }

/** What a card becomes: by its kind when it is a root cause, else by its alarm's key; within its trade only. */
export function typeOfCard(list: IncidentType[], { trade, kind, type }: CardSigns): IncidentType | null {
  const own = list.filter((one) => one.trade === trade)
  const having = (sign: string) => own.find(({ card_types }) => card_types.includes(sign))
  return (kind === 'single' ? null : having(kind)) ?? having(type) ?? null
}

/** Every word typed must begin some word of the name, the hint or the trade; names that begin so come first. */
export function matching(
  list: IncidentType[],
  text: string,
  lang: 'fr' | 'en',
  tradeName: (trade: string) => string,
) {
  const split = (said: string) =>
    fold(said)
      .split(/[\s'’,()-]+/)
      .filter(Boolean)
  const wanted = split(text)
  const begins = (haystack: string, word: string) => split(haystack).some((one) => one.startsWith(word))
  const found = list.filter((type) =>
    wanted.every((word) => begins(`${type[lang]} ${type.hint[lang]} ${tradeName(type.trade)}`, word)),
  )
  const inName = (type: IncidentType) => wanted.every((word) => begins(type[lang], word))
  return [...found.filter(inName), ...found.filter((type) => !inName(type))]
}
