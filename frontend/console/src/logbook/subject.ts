/** What a line is about, as the room's right column shows it. */
import type { Focus } from '../focus.svelte'

const OF_PANEL: Record<string, string> = {
  incident: 'incident',
  call: 'call',
  card: 'card',
  contact: 'contact',
}

/** `incident:0190…` of what is open on the right, or nothing. */
export function subjectOf(focus: Focus): string | null {
  if (focus.kind === 'command') return `command:${focus.id}`
  const kind = focus.kind === 'part' ? OF_PANEL[focus.panel] : undefined
  return kind === undefined || focus.kind !== 'part' ? null : `${kind}:${focus.id}`
}

/** The panel that shows a subject: its kind and id, or nothing when none does. */
export function panelOf(subject: string | null): { panel: string; id: string } | null {
  const colon = subject?.indexOf(':') ?? -1
  if (subject === null || colon < 0) return null
  const [kind, id] = [subject.slice(0, colon), subject.slice(colon + 1)]
  const panel = Object.entries(OF_PANEL).find(([, of]) => of === kind)?.[0]
  if (kind === 'command') return { panel: 'command', id }
  return panel === undefined ? null : { panel, id }
}
