/** Classes: what light each street is owed, who may go below it, and where light follows the traffic. */
import type { Part } from '../parts'

export const part: Part = {
  key: 'classes',
  views: [{ key: 'classes', letter: 'g', trade: 'lighting', load: () => import('./View.svelte') }],
  dialogs: {
    'classes.set': () => import('./SetDialog.svelte'),
    'classes.propose': () => import('./ProposeDialog.svelte'),
    'classes.reason': () => import('./ReasonDialog.svelte'),
  },
}
