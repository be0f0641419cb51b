/** Programmes: what lamps do by themselves, by layer; the centre edits and previews, the right column decides. */
import type { Part } from '../parts'

export const part: Part = {
  key: 'programmes',
  views: [
    {
      key: 'programmes',
      letter: 'h',
      panel: 'programme',
      trade: 'lighting',
      load: () => import('./View.svelte'),
    },
  ],
  panels: { programme: () => import('./ProgrammePanel.svelte') },
  dialogs: { 'programmes.decide': () => import('./DecideDialog.svelte') },
}
