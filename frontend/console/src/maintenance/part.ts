/** Maintenance of lights: families and their life, warranty, the programme of renewal, work orders. */
import type { Part } from '../parts'

export const part: Part = {
  key: 'maintenance',
  views: [{ key: 'maintenance', letter: 's', trade: 'lighting', load: () => import('./View.svelte') }],
  dialogs: {
    'maintenance.open': () => import('./OpenDialog.svelte'),
    'maintenance.finish': () => import('./FinishDialog.svelte'),
  },
}
