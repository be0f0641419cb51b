/** What a programme says: blank ones, and in words who it is for and when. */
import type { Calendar, Content, Edge, Layer, Level, Profile, Rule, Scope } from './contract'

export const STEPS_AT_MOST = 12
export const OFF_HOURS_AT_MOST = 3
export const RULES_AT_MOST = 12
const KEY_LENGTH = 48

const edge = (sun: 'sunset' | 'sunrise'): Edge => ({ sun, offset_min: 0, not_before: null, not_after: null })

export function blankProfile(): Profile {
  return { on: edge('sunset'), off: edge('sunrise'), level_pct: 100, steps: [], off_hours: [] }
}

export function blankCalendar(): Calendar {
  return { ranges: [], days: [], dates: [], except_dates: [] }
}

/** A special evening speaks for some hours of one date, anything else for whole nights. */
export function blankRule(layer: Layer, night: string): Rule {
  const profile = blankProfile()
  if (layer !== 'special') return { calendar: blankCalendar(), profile, interval: null }
  return {
    calendar: { ...blankCalendar(), dates: [night] },
    profile,
    interval: { from: '20:00', until: '00:30' },
  }
}

export function blankContent(commune: string | null, night: string): Content {
  return {
    key: '',
    names: { fr: '', en: '' },
    layer: 'commune',
    priority: 0,
    scope: commune === null ? { kind: 'all' } : { kind: 'communes', communes: [commune] },
    rules: [blankRule('commune', night)],
  }
}

export function blankScope(kind: Scope['kind']): Scope {
  switch (kind) {
    case 'all':
      return { kind }
    case 'communes':
      return { kind, communes: [] }
    case 'classes':
      return { kind, classes: [], communes: [] }
    case 'streets':
      return { kind, streets: [] }
    case 'polygon':
      return { kind, polygon: [] }
    case 'twins':
      return { kind, twins: [] }
  }
}

/** A content with every field that editing needs: the post leaves out what is as by default. */
export function whole(content: Content): Content {
  return {
    ...content,
    priority: content.priority ?? 0,
    scope: { ...blankScope(content.scope.kind), ...content.scope } as Scope,
    rules: content.rules.map(({ calendar, profile, interval }) => ({
      calendar: { ...blankCalendar(), ...calendar },
      profile: { ...blankProfile(), ...profile },
      interval: interval ?? null,
    })),
  }
}

/** A name as a key: small letters, digits and dashes. */
export function keyOf(name: string): string {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  return plain
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, KEY_LENGTH)
    .replace(/-+$/, '')
}

/** A level a little up or down; the floor of the class has no number of its own and becomes one. */
export function levelAfter(level: Level, step: number): number {
  return Math.max(0, Math.min(100, (level === 'floor' ? 20 : level) + step))
}
