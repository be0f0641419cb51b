/** Words, numbers and ages in the chosen language: the console's own and the trades' catalogues. */
import type { Property, Scalar } from './api/contract'
import { post, PostError } from './api/requests'
import { clock } from './clock.svelte'
import englishUrl from './strings.en.json?url'
import frenchUrl from './strings.fr.json?url'

export type Lang = 'fr' | 'en'
type Catalogue = Record<string, string>

const OWN_URL = { fr: frenchUrl, en: englishUrl }
/** Each part's own words by file: `./calls/strings.fr.json`. */
const PART_URLS = import.meta.glob<string>('./*/strings.*.json', {
  query: '?url',
  import: 'default',
  eager: true,
})

async function loadFile(url: string): Promise<Catalogue> {
  return (await (await fetch(url)).json()) as Catalogue
}

/** The console's words and those of the parts in use. */
async function loadOwn(lang: Lang, parts: Iterable<string>): Promise<Catalogue> {
  const urls = [...parts].map((part) => PART_URLS[`./${part}/strings.${lang}.json`])
  const files = [OWN_URL[lang], ...urls.filter((url) => url !== undefined)]
  return Object.assign({}, ...(await Promise.all(files.map(loadFile)))) as Catalogue
}

/** Without a post there is still a sign-in page, with the console's own words. */
async function loadTrades(lang: Lang): Promise<Catalogue> {
  try {
    return await post.strings(lang)
  } catch (error) {
    if (error instanceof PostError) return {}
    throw error
  }
}

class Words {
  lang = $state<Lang>('fr')
  own = $state.raw<Catalogue>({})
  trades = $state.raw<Catalogue>({})
  /** The city's time zone: every hour on screen is the city's, wherever the screen stands. */
  zone = $state('Europe/Paris')

  private readonly parts = new Map<string, Promise<void>>()

  /** Loads both catalogues, then switches at once: nothing is shown half translated. */
  async use(lang: Lang): Promise<void> {
    const [own, trades] = await Promise.all([loadOwn(lang, this.parts.keys()), loadTrades(lang)])
    this.own = own
    this.trades = trades
    this.lang = lang
    document.documentElement.lang = lang
  }

  /** A part is about to be shown: its words join, now and in every later language. */
  need(part: string): Promise<void> {
    const coming = this.parts.get(part) ?? this.join(part)
    this.parts.set(part, coming)
    return coming
  }

  private async join(part: string): Promise<void> {
    const { lang } = this
    const url = PART_URLS[`./${part}/strings.${lang}.json`]
    if (!url) return
    try {
      const own = await loadFile(url)
      // A language chosen meanwhile brought the part's words with it.
      if (this.lang === lang) this.own = { ...this.own, ...own }
    } catch (error) {
      this.parts.delete(part)
      throw error
    }
  }
}

export const words = new Words()

function fill(text: string, values?: Record<string, Scalar>): string {
  if (!values) return text
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined || value === null) return whole
    return typeof value === 'number' ? formatNumber(value) : String(value)
  })
}

/** The console's own words. */
export function t(key: string, values?: Record<string, Scalar>): string {
  return fill(words.own[key] ?? key, values)
}

/** The console's own words for a number of things: `key.one` or `key.other`. */
export function tn(key: string, n: number, values?: Record<string, Scalar>): string {
  const form = new Intl.PluralRules(words.lang).select(n) === 'one' ? 'one' : 'other'
  return t(`${key}.${form}`, { n, ...values })
}

/** A trade's word, or the last part of its key in plain letters when the catalogue has none. */
export function w(key: string, values?: Record<string, Scalar>): string {
  const text = words.trades[key] ?? words.own[key]
  return text === undefined ? (key.split('.').at(-1) ?? key).replaceAll('_', ' ') : fill(text, values)
}

/** What a property or attribute of a twin is called. */
export function named(trade: string, type: string, key: string): string {
  const end = `${type}.${key}`
  return findWord(`${trade}.property.${end}`) ?? findWord(`${trade}.attribute.${end}`) ?? w(key)
}

/** A trade's word, or nothing. */
export function findWord(key: string): string | null {
  return words.trades[key] ?? null
}

/** `lighting.dim_streetlights` is written `lighting.command.dim_streetlights` in catalogues. */
export function keyed(kind: 'command' | 'alarm', key: string, part = ''): string {
  const dot = key.indexOf('.')
  return `${key.slice(0, dot)}.${kind}.${key.slice(dot + 1)}${part}`
}

export function formatNumber(value: number, digits = 1): string {
  // What rounds to nothing has no sign.
  const signDisplay = 'negative'
  const shape = { maximumFractionDigits: digits, useGrouping: 'min2', signDisplay } as const
  return new Intl.NumberFormat(words.lang, shape).format(value)
}

const UNIT_SIGNS: Record<string, string> = { pct: '%', percent: '%', c: '°C', celsius: '°C', deg_c: '°C' }

export function unitSign(unit: string | null): string {
  return unit === null ? '' : (UNIT_SIGNS[unit.toLowerCase()] ?? unit)
}

/** A property's or attribute's value with its unit, in words when it is a choice. */
export function formatValue(
  value: Scalar | undefined,
  shape: { key: string; kind: Property['kind']; unit: string | null; choices: string[] },
  trade: string,
): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '—'
  if (shape.kind === 'boolean') return t(value === true || value === 1 ? 'value.yes' : 'value.no')
  if (shape.kind === 'choice') {
    const choice = typeof value === 'number' ? (shape.choices[value] ?? String(value)) : String(value)
    return w(`${trade}.choice.${shape.key}.${choice}`)
  }
  if (typeof value !== 'number') return String(value)
  const sign = unitSign(shape.unit)
  return sign ? `${formatNumber(value)}\u00a0${sign}` : formatNumber(value)
}

/** A live health: 0, or never computed, is no fault; 1 to 4 the priority of the worst active alarm. */
export function formatFault(value: Scalar | undefined): string {
  if (typeof value !== 'number' || Number.isNaN(value)) return t('fault.0')
  return value === 0 ? t('fault.0') : t(`priority.${value}`)
}

/** A duration in its two coarsest readable steps: 12 s, 4 min, 2 h 05, 4 j 23 h. */
export function formatAge(seconds: number): string {
  const s = Math.max(0, Math.round(seconds))
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)} min`
  if (s < 86_400) {
    const minutes = Math.floor((s % 3600) / 60)
    return minutes === 0
      ? `${Math.floor(s / 3600)} h`
      : `${Math.floor(s / 3600)} h ${String(minutes).padStart(2, '0')}`
  }
  const hours = Math.floor((s % 86_400) / 3600)
  return `${Math.floor(s / 86_400)} ${t('age.days')}${hours === 0 ? '' : ` ${hours} h`}`
}

/** Hours of the room are counted to 24 in both languages. */
export function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(words.lang === 'fr' ? 'fr' : 'en-GB', { timeZone: words.zone, ...options })
}

export function formatTime(iso: string, seconds = false): string {
  const options: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' }
  if (seconds) options.second = '2-digit'
  return dateFormat(options).format(new Date(iso))
}

/** The time alone when it is today's. */
export function formatMoment(iso: string): string {
  const day = dateFormat({})
  if (day.format(new Date(iso)) === day.format(new Date(clock.now * 1000))) return formatTime(iso)
  return dateFormat({ dateStyle: 'short', timeStyle: 'short' }).format(new Date(iso))
}
