/** What the console can do by itself, as the palette lists it. */
import type { Verb } from '../api/contract'
import { alarmList } from '../alarms/list.svelte'
import { desk } from '../focus.svelte'
import { preferences } from '../preferences.svelte'
import { parts, type PartAction, type SelectionAction, type TwinAction, type View, views } from '../parts'
import { session } from '../session.svelte'
import { twins } from '../twins/twins.svelte'
import { t, words } from '../words.svelte'

export type Action = { label: string; key?: string | undefined; run: () => void }

export async function switchLanguage(): Promise<void> {
  await words.use(words.lang === 'fr' ? 'en' : 'fr')
  preferences.lang = words.lang
  preferences.keep()
}

export function switchTheme(): void {
  preferences.theme = preferences.theme === 'dark' ? 'light' : 'dark'
  preferences.keep()
}

function isAllowed({ verbs, trade }: { verbs?: Verb[]; trade?: string }): boolean {
  if (trade && !(twins.types.some((one) => one.trade === trade) && session.may('see', trade))) return false
  return verbs === undefined || verbs.some((verb) => session.may(verb, trade))
}

export function allowedViews(): View[] {
  return views.filter(isAllowed)
}

export function partActions(): PartAction[] {
  return parts.flatMap((part) => part.actions ?? []).filter(isAllowed)
}

export function selectionActions(types: string[]): SelectionAction[] {
  const all = parts.flatMap((part) => part.selectionActions ?? [])
  return all.filter((one) => types.includes(one.twinType) && isAllowed(one))
}

export function twinActions(type: string): TwinAction[] {
  const all = parts.flatMap((part) => part.twinActions ?? [])
  return all.filter((one) => one.twinTypes.includes(type) && isAllowed(one))
}

export function listActions(): Action[] {
  return [
    ...partActions().map(({ label, letter, run }) => ({
      label: t(label),
      key: letter?.toUpperCase(),
      run: () => void run(),
    })),
    ...allowedViews().map(({ key, letter }) => ({
      label: t('view.show', { name: t(`view.${key}`) }),
      key: `V ${letter.toUpperCase()}`,
      run: () => (desk.view = key),
    })),
    { label: t('map.polygon'), key: 'P', run: () => desk.draw('polygon') },
    { label: t('map.rectangle'), key: 'R', run: () => desk.draw('rectangle') },
    { label: t('action.show_orders'), key: 'O', run: () => (desk.tab = 'orders') },
    { label: t('action.show_system'), run: () => (desk.tab = 'system') },
    { label: t('area.all'), run: () => desk.showAll(t('area.all')) },
    { label: t('action.worst_alarm'), run: () => openWorst() },
    { label: t('theme.switch'), run: switchTheme },
    { label: t('language.switch'), run: () => void switchLanguage() },
    { label: t('help.title'), key: '?', run: () => (desk.dialog = 'help') },
  ]
}

function openWorst(): void {
  const worst = alarmList.visible[0]
  if (worst) alarmList.open(worst)
}
