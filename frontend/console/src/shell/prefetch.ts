/** Once the room is usable and idle, what a key may ask for next is fetched, so that the first stroke finds it there. */

const SOON = [
  () => import('./Palette.svelte'),
  () => import('../table/AssetTable.svelte'),
  () => import('../alarms/CardPanel.svelte'),
]
const AFTER_MS = 2500

export function prefetch(): () => void {
  const timer = setTimeout(() => {
    // Without a network the use itself says so.
    for (const load of SOON) load().catch(() => {})
  }, AFTER_MS)
  return () => clearTimeout(timer)
}
