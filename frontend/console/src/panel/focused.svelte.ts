/** The one twin that the right panel shows in detail. */
import type { Act, Twin } from '../api/contract'
import { post, PostError } from '../api/requests'

class FocusedTwin {
  twin = $state.raw<Twin | null>(null)
  acts = $state.raw<Act[]>([])
  error = $state<string | null>(null)
  private wanted: string | null = null

  async open(urn: string | null): Promise<void> {
    if (urn !== this.wanted) this.acts = []
    this.wanted = urn
    this.error = null
    if (urn === null) return
    try {
      const [twin, acts] = await Promise.all([post.twin(urn), post.acts(urn)])
      if (this.wanted !== urn) return
      this.twin = twin
      this.acts = acts
    } catch (error) {
      if (error instanceof PostError && this.wanted === urn) this.error = error.key
      else if (!(error instanceof PostError)) throw error
    }
  }

  take(twin: Twin): void {
    if (twin.id === this.wanted) this.twin = twin
  }

  async reloadActs(): Promise<void> {
    const urn = this.wanted
    if (urn === null) return
    const acts = await post.acts(urn)
    if (this.wanted === urn) this.acts = acts
  }
}

export const focused = new FocusedTwin()
