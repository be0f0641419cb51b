/** The keys of the whole room; single letters can be switched off, and never fire while somebody types. */
import { alarmList } from '../alarms/list.svelte'
import { clickShortcut } from '../commands/shortcuts'
import { desk } from '../focus.svelte'
import { findView } from '../parts'
import { preferences } from '../preferences.svelte'
import { partActions } from './actions'

export const LETTERS: Record<string, () => void> = {
  j: () => alarmList.move(1),
  k: () => alarmList.move(-1),
  a: () => void alarmList.acknowledge(),
  s: () => alarmList.shelve(),
  g: goThere,
  m: () => (desk.view = 'map'),
  t: () => (desk.view = 'table'),
  i: () => (desk.view = 'incidents'),
  v: openViews,
  p: () => desk.draw('polygon'),
  r: () => desk.draw('rectangle'),
  o: () => (desk.tab = 'orders'),
  '/': () => (desk.dialog = 'palette'),
  '?': () => (desk.dialog = 'help'),
}

/** The keyboard is in the menu at once: the letter after V may come before the menu says that it is open. */
function openViews(): void {
  document.querySelector<HTMLButtonElement>('[data-views]')?.click()
  const menu = document.getElementById('views')
  const current = menu?.querySelector<HTMLButtonElement>('[aria-current]') ?? menu?.querySelector('button')
  current?.focus()
}

function goThere(): void {
  const button = document.querySelector<HTMLButtonElement>('[data-go]')
  if (button) button.click()
  else alarmList.goThere()
}

function partKey(letter: string): (() => void) | undefined {
  const action = partActions().find((one) => one.letter === letter)
  return action && (() => void action.run())
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  ) {
    return true
  }
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button'].includes(target.type)
}

/** The wall has no button to leave it: Escape goes back to the map. */
function onEscape(): void {
  if (findView(desk.view)?.wall) desk.view = 'map'
  else desk.clear()
}

export function onRoomKey(event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault()
    desk.dialog = desk.dialog === 'palette' ? 'none' : 'palette'
    return
  }
  if (event.ctrlKey || event.metaKey || event.altKey || desk.dialog !== 'none') return
  if (isTyping(event.target)) return
  if (event.key === 'Escape') return onEscape()
  if (!preferences.letters) return
  const act = LETTERS[event.key.toLowerCase()] ?? partKey(event.key.toLowerCase())
  if (act) {
    event.preventDefault()
    act()
  } else if (clickShortcut(event.key)) event.preventDefault()
}
