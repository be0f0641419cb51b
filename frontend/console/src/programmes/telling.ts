/** What programmes say of themselves in words. */
import { city } from '../twins/twins.svelte'
import { dateFormat, t, tn, words } from '../words.svelte'
import type { Level, Names, Scope } from './contract'

const NAMED_AT_MOST = 2

export function nameOf({ names, key }: { names: Names; key: string }): string {
  return names[words.lang] || names.fr || names.en || key
}

/** 2026-12-24 as a day that people say. */
export function sayDay(day: string, options: Intl.DateTimeFormatOptions = { dateStyle: 'medium' }): string {
  return dateFormat({ timeZone: 'UTC', ...options }).format(new Date(`${day}T12:00:00Z`))
}

function sayCommunes(codes: string[]): string {
  const names = codes.slice(0, NAMED_AT_MOST).map((code) => city.communeName(code))
  const rest = codes.length - names.length
  return [...names, ...(rest > 0 ? [tn('programmes.more', rest)] : [])].join(', ')
}

export function sayScope(scope: Scope): string {
  switch (scope.kind) {
    case 'all':
      return t('programmes.scope.all')
    case 'communes':
      return sayCommunes(scope.communes)
    case 'classes': {
      const where = scope.communes.length > 0 ? ` · ${sayCommunes(scope.communes)}` : ''
      return t('programmes.scope.of_classes', { classes: scope.classes.join(', ') }) + where
    }
    case 'streets':
      return scope.streets.length === 1
        ? scope.streets[0]!.name
        : tn('programmes.streets', scope.streets.length)
    case 'polygon':
      return t('programmes.scope.polygon')
    case 'twins':
      return tn('programmes.lights', scope.twins.length)
  }
}

export function sayLevel(level: Level): string {
  return level === 'floor' ? t('programmes.floor') : `${level} %`
}

/** A difference with its sign; a true minus, as read in print. */
export function signed(value: number, text: string): string {
  return value > 0 ? `+${text}` : value < 0 ? `−${text}` : text
}
