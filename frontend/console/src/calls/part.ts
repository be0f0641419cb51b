/** Calls: who rings, the card of one call, who is to be called back, the queue in figures. */
import type { Part } from '../parts'

export const part: Part = {
  key: 'calls',
  views: [
    { key: 'calls', letter: 'c', panel: 'call', verbs: ['answer'], load: () => import('./View.svelte') },
  ],
  panels: { call: () => import('./CallPanel.svelte') },
  dialogs: {
    'calls.promise': () => import('./PromiseDialog.svelte'),
    'calls.call_back': () => import('./CallBackDialog.svelte'),
  },
  actions: [
    {
      label: 'action.open_call',
      letter: 'q',
      verbs: ['answer'],
      run: async () => (await import('./opening')).openCall(),
    },
  ],
  corner: () => import('./Ringing.svelte'),
}
