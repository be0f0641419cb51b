/** Maintenance of lights: families and their life, warranty, the programme of renewal, work orders. */
import { desk } from '../focus.svelte'
import type { Part } from '../parts'

export const part: Part = {
  key: 'maintenance',
  views: [{ key: 'maintenance', letter: 's', trade: 'lighting', load: () => import('./View.svelte') }],
  twinActions: [
    {
      label: 'action.open_work_order',
      trade: 'lighting',
      twinTypes: ['Streetlight', 'StreetlightControlCabinet'],
      verbs: ['handle'],
      run: (twin, card) => desk.ask('maintenance.open', { twin, card }),
    },
  ],
  dialogs: {
    'maintenance.open': () => import('./OpenDialog.svelte'),
    'maintenance.finish': () => import('./FinishDialog.svelte'),
  },
}
