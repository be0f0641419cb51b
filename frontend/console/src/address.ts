/** The address of what is shown: `#/view`, `#/view/id` (the view's own kind of panel) or `#/view/kind/id`. */
import type { Focus } from './focus.svelte'

export type Shown = { view: string; focus: Focus }
/** What an address needs to know of a view. */
export type OwnPanel = (view: string) => string | undefined

export function addressOf({ view, focus }: Shown, ownPanel: OwnPanel): string {
  const start = `#/${view}`
  const q = encodeURIComponent
  if (focus.kind === 'twin') return `${start}/twin/${q(focus.urn)}`
  if (focus.kind === 'command') return `${start}/command/${q(focus.id)}`
  if (focus.kind !== 'part') return start
  return focus.panel === ownPanel(view) ? `${start}/${q(focus.id)}` : `${start}/${focus.panel}/${q(focus.id)}`
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Nothing when the address is not one of ours. */
export function readAddress(hash: string, ownPanel: OwnPanel): Shown | null {
  if (!hash.startsWith('#/')) return null
  const [view = '', first, second] = hash.slice(2).split('/').map(decode)
  if (!first) return { view, focus: { kind: 'none' } }
  if (second === undefined) {
    const panel = ownPanel(view)
    return { view, focus: panel ? { kind: 'part', panel, id: first } : { kind: 'none' } }
  }
  if (first === 'twin') return { view, focus: { kind: 'twin', urn: second, alarm: null } }
  if (first === 'command') return { view, focus: { kind: 'command', id: second } }
  return { view, focus: { kind: 'part', panel: first, id: second } }
}
