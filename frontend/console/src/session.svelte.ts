/** Who is signed in and what they may do. */
import type { DemoAccount, Me, Verb } from './api/contract'
import { demoAccounts, post, PostError } from './api/requests'

class Session {
  me = $state.raw<Me | null>(null)
  demo = $state.raw<DemoAccount[]>([])
  checked = $state(false)
  /** The idle lock: the room stays as it is behind the lock screen. */
  locked = $state(false)

  async restore(): Promise<void> {
    try {
      this.me = await post.me()
    } catch (error) {
      if (!(error instanceof PostError)) throw error
      this.me = null
      this.demo = demoAccounts(error)
    }
    this.checked = true
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
