/** Notifications: what somebody should know; a badge in the top bar and a list. */
import type { Part } from '../parts'

export const part: Part = {
  key: 'notifications',
  views: [{ key: 'notifications', letter: 'n', load: () => import('./View.svelte') }],
  corner: () => import('./Badge.svelte'),
}
