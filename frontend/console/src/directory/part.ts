/** Directory: who is to be called now, in which commune; what the room knows before it loads it. */
import type { Part } from '../parts'

export const part: Part = {
  key: 'directory',
  views: [{ key: 'directory', letter: 'd', panel: 'contact', load: () => import('./View.svelte') }],
  panels: { contact: () => import('./ContactPanel.svelte') },
  dialogs: {
    'directory.save': () => import('./ContactForm.svelte'),
    'directory.retire': () => import('./RetireForm.svelte'),
  },
}
