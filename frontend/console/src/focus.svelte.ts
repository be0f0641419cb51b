/** What the operator looks at: one thing in the right panel, one view in the centre, one tool in hand. */
import type { Commune, Ring, Selection } from './api/contract'

export type Area = {
  selection: Selection
  title: string
  detail: string
  ring: Ring | null
  center: [number, number] | null
}
/** Where something acts, as the map marks it. */
export type Aim = Pick<Area, 'selection' | 'ring' | 'title'>
export type Focus =
  | { kind: 'none' }
  | { kind: 'twin'; urn: string; alarm: string | null }
  | { kind: 'area'; area: Area }
  | { kind: 'command'; id: string }
  /** Something of a part: `panel` is a kind that some `part.ts` brings. */
  | { kind: 'part'; panel: string; id: string }
export type Tab = 'detail' | 'orders' | 'system'
export type Tool = 'none' | 'polygon' | 'rectangle'
export type Camera = { center: [number, number]; zoom: number }
export type Question = { dialog: string; props: Record<string, unknown> }

class Desk {
  focus = $state.raw<Focus>({ kind: 'none' })
  /** Where the order in focus acts. */
  aim = $state.raw<Aim | null>(null)
  /** Where the thing of a part in focus is: its panel says so, the map marks it. */
  place = $state.raw<{ lon: number; lat: number } | null>(null)
  tab = $state<Tab>('detail')
  /** The key of a view of `parts.ts`. */
  view = $state('map')
  tool = $state<Tool>('none')
  dialog = $state<'none' | 'palette' | 'help' | 'part'>('none')
  question = $state.raw<Question | null>(null)
  notice = $state<{ text: string; bad: boolean } | null>(null)
  /** A request to move the map; only ever made by a person (G, a search result). */
  camera = $state.raw<Camera | null>(null)
  /** The map colours lights by something else than their state. */
  recoloured = $state(false)
  /** The middle of the map, once there is one: where a new thing is, unless somebody says otherwise. */
  mapCenter = $state.raw<(() => [number, number]) | null>(null)
  private noticeTimer: ReturnType<typeof setTimeout> | undefined

  showTwin(urn: string, alarm: string | null = null): void {
    this.look({ kind: 'twin', urn, alarm })
  }

  /** One thing of a part in the right panel; the centre stays what it is. */
  showPart(panel: string, id: string): void {
    this.look({ kind: 'part', panel, id })
  }

  showArea(area: Area): void {
    this.look({ kind: 'area', area })
  }

  showCommand(id: string): void {
    this.look({ kind: 'command', id })
  }

  private look(focus: Focus): void {
    this.focus = focus
    this.place = null
    this.aim = null
    this.tab = 'detail'
  }

  showCommune({ insee, name, center }: Commune): void {
    this.showArea({
      selection: { kind: 'commune', ids: [insee] },
      title: name,
      detail: insee,
      ring: null,
      center,
    })
  }

  showAll(title: string): void {
    this.showArea({ selection: { kind: 'all' }, title, detail: '', ring: null, center: null })
  }

  draw(tool: Tool): void {
    this.view = 'map'
    this.tool = tool
  }

  /** Opens a dialog of a part with what it needs; one at a time. */
  ask(dialog: string, props: Record<string, unknown> = {}): void {
    this.question = { dialog, props }
    this.dialog = 'part'
  }

  clear(): void {
    this.focus = { kind: 'none' }
    this.place = null
    this.tool = 'none'
  }

  /** For the next person: nothing chosen, the map on the whole city. */
  reset(): void {
    this.clear()
    this.tab = 'detail'
    this.view = 'map'
    this.dialog = 'none'
    this.question = null
    this.notice = null
    this.camera = null
  }

  go(center: [number, number], zoom: number): void {
    this.view = 'map'
    this.camera = { center, zoom }
  }

  say(text: string, bad = false): void {
    clearTimeout(this.noticeTimer)
    this.notice = { text, bad }
    this.noticeTimer = setTimeout(() => (this.notice = null), bad ? 12_000 : 6_000)
  }
}

export const desk = new Desk()

/** A dialog says late that it closed: by then another may be open. */
export function closed({ currentTarget }: Event): void {
  if ((currentTarget as HTMLElement).isConnected) desk.dialog = 'none'
}
