/** Incidents: one list in the centre, one incident in the right column, the form that opens one. */
import { desk } from '../focus.svelte'
import type { Part } from '../parts'

export const part: Part = {
  key: 'incidents',
  views: [{ key: 'incidents', letter: 'i', panel: 'incident', load: () => import('./View.svelte') }],
  panels: { incident: () => import('./IncidentPanel.svelte') },
  dialogs: {
    'incidents.open': () => import('./OpenDialog.svelte'),
    'incidents.step': () => import('./StepDialog.svelte'),
    'incidents.qualify': () => import('./QualifyDialog.svelte'),
    'incidents.assign': () => import('./AssignDialog.svelte'),
    'incidents.pause': () => import('./PauseDialog.svelte'),
    'incidents.hand_over': () => import('./HandOverDialog.svelte'),
    'incidents.merge': () => import('./MergeDialog.svelte'),
    'incidents.split': () => import('./SplitDialog.svelte'),
  },
  actions: [{ label: 'action.open_incident', verbs: ['handle'], run: () => desk.ask('incidents.open') }],
}
