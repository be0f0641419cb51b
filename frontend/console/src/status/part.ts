/** The post's own health: engines and roles, how far behind, disks, backups, checks. */
import type { Part } from '../parts'

export const part: Part = {
  key: 'status',
  views: [{ key: 'status', letter: 'f', trade: 'platform', load: () => import('./View.svelte') }],
}
