/** Tells the post that somebody is there: only real input counts, and the post alone decides when to lock. */
import { post, PostError } from '../api/requests'

export const TELL_EVERY_MS = 30_000
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const

/** Follows input in this window until the function that it returns is called. */
export function followInput(now: () => number = () => performance.now()): () => void {
  let toldAt = -Infinity
  let late: ReturnType<typeof setTimeout> | undefined

  async function tell(): Promise<void> {
    late = undefined
    toldAt = now()
    try {
      await post.noteInput()
    } catch (error) {
      // Locked, signed out or cut off: each of them shows by itself.
      if (!(error instanceof PostError)) throw error
    }
  }

  function onInput(event: Event): void {
    if (!event.isTrusted || late !== undefined) return
    const waitMs = toldAt + TELL_EVERY_MS - now()
    // What comes too soon is told when its time has come: the last input counts, not the first.
    late = setTimeout(() => void tell(), Math.max(0, waitMs))
  }

  for (const sign of SIGNS) window.addEventListener(sign, onInput, { capture: true, passive: true })
  return () => {
    clearTimeout(late)
    for (const sign of SIGNS) window.removeEventListener(sign, onInput, { capture: true })
  }
}
