/** Alarms: the list is in the first load; cards in full, dialogs and figures come with their use. */
import { desk } from '../focus.svelte'
import type { Part } from '../parts'

export const part: Part = {
  key: 'alarms',
  views: [{ key: 'alarms', letter: 'a', load: () => import('./View.svelte') }],
  panels: { card: () => import('./CardPanel.svelte') },
  dialogs: {
    'alarms.shelve': () => import('./ShelveDialog.svelte'),
    'alarms.dissolve': () => import('./DissolveDialog.svelte'),
    'alarms.out_of_service': () => import('./OutOfServiceDialog.svelte'),
    'alarms.works': () => import('./WorksDialog.svelte'),
  },
  actions: [
    { label: 'action.declare_works', verbs: ['configure'], run: () => desk.ask('alarms.works') },
    { label: 'action.silence', run: async () => (await import('./sounding.svelte')).sounding.silence() },
  ],
}
