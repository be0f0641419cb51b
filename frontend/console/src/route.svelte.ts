/** Keeps the address of the window and the desk in step, so that every window shows its own part and links open. */
import { addressOf, readAddress } from './address'
import { desk } from './focus.svelte'
import { findView, panels } from './parts'
import { session } from './session.svelte'

const ownPanel = (view: string) => findView(view)?.panel

class Route {
  private stopWriting: (() => void) | null = null
  private panel = ''

  start(): void {
    if (!this.open(location.hash) && session.isWall()) desk.view = 'wall'
    window.addEventListener('popstate', this.read)
    this.stopWriting = $effect.root(() => {
      $effect(() => this.write(addressOf({ view: desk.view, focus: desk.focus }, ownPanel)))
    })
  }

  stop(): void {
    window.removeEventListener('popstate', this.read)
    this.stopWriting?.()
    this.stopWriting = null
    history.replaceState(null, '', location.pathname)
  }

  /** Opens what an address of ours says; returns whether it was one. */
  open(hash: string): boolean {
    const shown = readAddress(hash, ownPanel)
    if (!shown || !findView(shown.view)) return false
    const { view, focus } = shown
    desk.view = view
    if (focus.kind === 'part' && !panels.has(focus.panel)) return true
    desk.focus = focus
    if (focus.kind !== 'none') desk.tab = 'detail'
    return true
  }

  private readonly read = (): void => void this.open(location.hash)

  /** Another row of the same list replaces the last step; what is of another kind is a step of its own. */
  private write(address: string): void {
    const kind = desk.focus.kind === 'part' ? desk.focus.panel : desk.focus.kind
    const panel = `${desk.view} ${kind}`
    const isRow = panel === this.panel && kind === 'card'
    this.panel = panel
    if (location.hash === address) return
    if (isRow || !location.hash.startsWith('#/')) history.replaceState(null, '', address)
    else history.pushState(null, '', address)
  }
}

export const route = new Route()
