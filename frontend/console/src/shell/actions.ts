/** What the console can do by itself, as the palette lists it. */
import { alarmList } from '../alarms/list.svelte'
import { desk } from '../focus.svelte'
import { preferences } from '../preferences.svelte'
import { t, words } from '../words.svelte'

export type Action = { label: string; key?: string; run: () => void }

export async function switchLanguage(): Promise<void> {
  await words.use(words.lang === 'fr' ? 'en' : 'fr')
  preferences.lang = words.lang
  preferences.keep()
}

export function switchTheme(): void {
  preferences.theme = preferences.theme === 'dark' ? 'light' : 'dark'
  preferences.keep()
}

export function listActions(): Action[] {
  return [
    { label: t('map.polygon'), key: 'P', run: () => desk.draw('polygon') },
    { label: t('map.rectangle'), key: 'R', run: () => desk.draw('rectangle') },
    { label: t('action.show_map'), key: 'M', run: () => (desk.view = 'map') },
    { label: t('action.show_table'), key: 'T', run: () => (desk.view = 'table') },
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
