/** Rights, one's own sessions, emergency access; and what keeps a screen from locking. */
import { desk } from '../focus.svelte'
import { lockNow } from '../session.svelte'
import type { Part } from '../parts'

export const part: Part = {
  key: 'people',
  views: [{ key: 'people', letter: 'p', load: () => import('./View.svelte') }],
  dialogs: { 'people.break_glass': () => import('./BreakGlassDialog.svelte') },
  corner: () => import('./GlassBadge.svelte'),
  actions: [
    { label: 'action.lock', run: lockNow },
    {
      label: 'action.break_glass',
      verbs: ['handle'],
      run: () => desk.ask('people.break_glass'),
    },
  ],
}
