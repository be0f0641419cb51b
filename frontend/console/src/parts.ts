/** What the room knows of its parts before it loads them: each `src/<part>/part.ts` says it in a few lines. */
import type { Component } from 'svelte'
import type { Selection, Verb } from './api/contract'

/** A component that comes with the first use: `() => import('./View.svelte')`. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each component has its own properties
export type Load = () => Promise<{ default: Component<any> }>

export type View = {
  /** The address: `#/calls`. */
  key: string
  /** After V; one letter of its own among all views. */
  letter: string
  load: Load
  /** The kind of panel that `#/incidents/<id>` opens. */
  panel?: string
  /** Covers the whole window, with the map behind it. */
  wall?: boolean
  /** Shown to those who have one of these verbs somewhere; to everybody without. */
  verbs?: Verb[]
  /** Shown where the city has this trade, to those who see it somewhere. */
  trade?: string
}

export type PartAction = {
  /** A key of the main catalogue: actions are listed before the part's words are there. */
  label: string
  /** A single letter of the whole room, free in `shell/keys.ts`. */
  letter?: string
  verbs?: Verb[]
  run: () => void | Promise<void>
}

/** Something that can be done with twins chosen in the table or by an area, beside orders. */
export type SelectionAction = {
  /** A key of the main catalogue. */
  label: string
  trade: string
  twinType: string
  verbs: Verb[]
  run: (targets: Selection) => void | Promise<void>
}

/** Something that can be done with the one twin on the panel; `card`: of the alarm it is shown under. */
export type TwinAction = {
  /** A key of the main catalogue. */
  label: string
  trade: string
  twinTypes: string[]
  verbs: Verb[]
  run: (twin: string, card: string | null) => void
}

export type Part = {
  /** The folder's name. */
  key: string
  /** Centre views; their label is `view.<key>` of the main catalogue. */
  views?: View[]
  /** Right panels by kind, shown by `desk.showPart(kind, id)`; the component gets `{ id }`. */
  panels?: Record<string, Load>
  /** Dialogs by key `<part>.<name>`, opened by `desk.ask(key, props)`; the component gets these props. */
  dialogs?: Record<string, Load>
  actions?: PartAction[]
  selectionActions?: SelectionAction[]
  twinActions?: TwinAction[]
  /** Over the map of a city with this trade; gets `{ stage }`. */
  overMap?: { trade: string; load: Load }
  /** More filters of the table, for one twin type. */
  tableFilters?: Record<string, Load>
  /** A panel that shows a twin of this type better than its card: its kind and its button's label. */
  twinPanels?: Record<string, { panel: string; label: string }>
  /** A small component in the top bar, loaded once the room is live: a badge. */
  corner?: Load
}

type Owned<T> = T & { part: string }

const files = import.meta.glob<{ part: Part }>('./*/part.ts', { eager: true })
export const parts: Part[] = Object.values(files).map(({ part }) => part)

function owned<T>(pick: (part: Part) => Record<string, T> | undefined): Map<string, { part: string; of: T }> {
  return new Map(
    parts.flatMap((part) =>
      Object.entries(pick(part) ?? {}).map(([key, of]) => [key, { part: part.key, of }] as const),
    ),
  )
}

const MAP: Owned<View> = {
  key: 'map',
  letter: 'm',
  part: '',
  load: () => Promise.reject(new Error('built in')),
}
const TABLE: Owned<View> = {
  ...MAP,
  key: 'table',
  letter: 't',
  load: () => import('./table/AssetTable.svelte'),
}

/** In the order of the menu: map and table, then the parts in theirs. */
const ORDER = ['map', 'table', 'incidents', 'alarms', 'calls', 'logbook', 'notifications', 'directory']
const rank = (key: string) => (ORDER.indexOf(key) + ORDER.length + 1) % (ORDER.length + 1)

export const views: Owned<View>[] = [
  MAP,
  TABLE,
  ...parts.flatMap((part) => (part.views ?? []).map((view) => ({ ...view, part: part.key }))),
].sort((a, b) => rank(a.key) - rank(b.key))
export const panels = owned((part) => part.panels)
export const dialogs = owned((part) => part.dialogs)

export function findView(key: string): Owned<View> | null {
  return views.find((view) => view.key === key) ?? null
}
