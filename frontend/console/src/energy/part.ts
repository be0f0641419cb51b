/** Energy: savings proved by meters, by commune and year, and the sentence that may be said of each. */
import type { Part } from '../parts'

export const part: Part = {
  key: 'energy',
  dialogs: {
    'energy.set_baseline': () => import('./BaselineDialog.svelte'),
    'energy.adjust': () => import('./AdjustDialog.svelte'),
  },
  views: [{ key: 'energy', letter: 'e', trade: 'lighting', load: () => import('./View.svelte') }],
}
