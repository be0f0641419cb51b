/** What a person chose for this screen; kept in the browser, never needed to work. */
import type { Lang } from './words.svelte'

export type Theme = 'dark' | 'light'
type Stored = { theme?: Theme; lang?: Lang; letters?: boolean; sound?: boolean }

const KEY = 'ondijon.console'

function read(): Stored {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Stored
  } catch {
    return {}
  }
}

class Preferences {
  theme = $state<Theme>('dark')
  lang = $state<Lang>('fr')
  letters = $state(true)
  sound = $state(true)

  constructor() {
    const stored = read()
    const light = globalThis.matchMedia?.('(prefers-color-scheme: light)').matches
    this.theme = stored.theme ?? (light ? 'light' : 'dark')
    this.lang = stored.lang ?? 'fr'
    this.letters = stored.letters ?? true
    this.sound = stored.sound ?? true
  }

  keep(): void {
    const { theme, lang, letters, sound } = this
    localStorage.setItem(KEY, JSON.stringify({ theme, lang, letters, sound }))
    document.documentElement.dataset.theme = theme
  }
}

export const preferences = new Preferences()
