/** A commune's page: what the shared room did on its ground this week. */
import type { Part } from '../parts'

export const part: Part = {
  key: 'communes',
  views: [{ key: 'communes', letter: 'k', load: () => import('./View.svelte') }],
}
