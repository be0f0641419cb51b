/** Energy: savings proved by meters, by commune and year, and the sentence that may be said of each. */
import type { Part } from '../parts'

export const part: Part = {
  key: 'energy',
  views: [{ key: 'energy', letter: 'e', trade: 'lighting', load: () => import('./View.svelte') }],
}
