/** Lighting on the map and as trees: modes, cabinets, filters, re-equipping, lists that leave. */
import { desk } from '../focus.svelte'
import type { Part } from '../parts'

const LIGHT = 'Streetlight'
const trade = 'lighting'

export const part: Part = {
  key: trade,
  views: [{ key: trade, letter: 'b', panel: 'cabinet', trade, load: () => import('./View.svelte') }],
  panels: {
    cabinet: () => import('./CabinetPanel.svelte'),
    re_equipment: () => import('./ChangePanel.svelte'),
  },
  dialogs: { 'lighting.re_equip': () => import('./ChangeDialog.svelte') },
  selectionActions: [
    {
      label: 'action.re_equip',
      trade,
      twinType: LIGHT,
      verbs: ['configure'],
      run: (targets) => desk.ask('lighting.re_equip', { targets }),
    },
    {
      label: 'action.export_lights',
      trade,
      twinType: LIGHT,
      verbs: ['export'],
      run: async (targets) => (await import('./exporting')).exportLights(targets),
    },
  ],
  overMap: { trade, load: () => import('./MapModes.svelte') },
  tableFilters: { [LIGHT]: () => import('./Filters.svelte') },
  twinPanels: { StreetlightControlCabinet: { panel: 'cabinet', label: 'action.cabinet_tree' } },
}
