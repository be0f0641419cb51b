/** Logbook: B writes a line from anywhere; its view searches, corrects and exports. */
import { desk } from '../focus.svelte'
import type { Part } from '../parts'

function write(): void {
  const field = document.querySelector<HTMLTextAreaElement>('#logbook-words')
  if (field) field.focus()
  else desk.ask('logbook.write')
}

export const part: Part = {
  key: 'logbook',
  views: [{ key: 'logbook', letter: 'l', load: () => import('./View.svelte') }],
  dialogs: {
    'logbook.write': () => import('./WriteDialog.svelte'),
    'logbook.correct': () => import('./CorrectDialog.svelte'),
    'logbook.export': () => import('./ExportDialog.svelte'),
  },
  actions: [{ label: 'action.write_line', letter: 'b', verbs: ['log'], run: write }],
}
