/** Lighting on the map and as trees: modes, cabinets, filters, re-equipping, lists that leave. */
import type { Part } from '../parts'

const trade = 'lighting'

export const part: Part = {
  key: trade,
  views: [{ key: trade, letter: 'b', panel: 'cabinet', trade, load: () => import('./View.svelte') }],
  panels: {
    cabinet: () => import('./CabinetPanel.svelte'),
  },
  overMap: { trade, load: () => import('./MapModes.svelte') },
  twinPanels: { StreetlightControlCabinet: { panel: 'cabinet', label: 'action.cabinet_tree' } },
}
