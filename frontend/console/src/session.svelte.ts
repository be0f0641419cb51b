/** Who is signed in and what they may do. */
import type { DemoAccount, Me, Verb } from './api/contract'
import { demoAccounts, post, PostError, sessionEnd } from './api/requests'

class Session {
  me = $state.raw<Me | null>(null)
  demo = $state.raw<DemoAccount[]>([])
  checked = $state(false)
  /** The idle lock: the room stays as it is behind the lock screen. */
  locked = $state(false)

  /** Whose session stands locked in this browser, when the page was opened on it. */
  lockedName = $state<string | null>(null)

  async restore(): Promise<void> {
    try {
      this.me = await post.me()
      this.lockedName = null
    } catch (error) {
      if (!(error instanceof PostError)) throw error
      this.me = null
      this.demo = demoAccounts(error)
      this.lockedName = error.status === 423 ? String(error.values.name ?? '') : null
    }
    this.checked = true
  }

  /** Rights or their end have changed: the room stays as it is. */
  async refresh(): Promise<void> {
    try {
      this.me = await post.me()
    } catch (error) {
      // Locked or cut off: the screen says so, and what was known stays until then.
      if (!(error instanceof PostError)) throw error
    }
  }

  /** Prove again who sits here; raises PostError. */
  async unlock(password: string): Promise<void> {
    this.me = await post.unlock(password)
    this.locked = false
    this.lockedName = null
  }

  /** Whether the session has been unlocked somewhere else, or has ended. */
  async look(): Promise<void> {
    try {
      this.me = await post.me()
      this.locked = false
    } catch (error) {
      if (!(error instanceof PostError)) throw error
      if (error.status === 401) sessionEnd.notify()
    }
  }

  async signIn(username: string, password: string): Promise<void> {
    this.me = await post.signIn(username, password)
  }

  /** Whether some grant gives this verb, for the trade and the commune when they are given. */
  may(verb: Verb, trade?: string, commune?: string): boolean {
    return (this.me?.grants ?? []).some(
      (grant) =>
        grant.verbs.includes(verb) &&
        (trade === undefined || grant.trades.includes('*') || grant.trades.includes(trade)) &&
        (commune === undefined || grant.communes.includes('*') || grant.communes.includes(commune)),
    )
  }

  /** A screen for everybody in the room, signed in by itself. */
  isWall(): boolean {
    const grants = this.me?.grants ?? []
    return grants.length > 0 && grants.every(({ role }) => role === 'wall')
  }

  isMe(person: string): boolean {
    return this.me !== null && (person === this.me.name || person === this.me.username)
  }
}

export const session = new Session()

/** Leave the desk: every screen of this session locks. */
export async function lockNow(): Promise<void> {
  try {
    await post.lock()
    session.locked = true
  } catch (error) {
    if (!(error instanceof PostError)) throw error
  }
}
