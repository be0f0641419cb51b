/** The wall: the map and big numbers for everybody in the room, no personal data, no keys needed. */
import type { Part } from '../parts'

export const part: Part = {
  key: 'wall',
  views: [{ key: 'wall', letter: 'w', wall: true, load: () => import('./View.svelte') }],
}
