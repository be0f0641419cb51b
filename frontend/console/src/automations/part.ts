/** Automations: the algorithm register; what the room knows before it loads it. */
import type { Part } from '../parts'

export const part: Part = {
  key: 'automations',
  views: [{ key: 'automations', letter: 'r', load: () => import('./View.svelte') }],
}
