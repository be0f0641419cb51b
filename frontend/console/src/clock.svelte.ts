/** The post's clock, carried between its messages: every age on screen is counted from it. */

class PostClock {
  /** Epoch seconds of the post; moves once a second. */
  now = $state(Date.now() / 1000)
  private offset = 0
  private timer: ReturnType<typeof setInterval> | undefined

  set(iso: string): void {
    this.offset = Date.parse(iso) / 1000 - performance.now() / 1000
    if (Math.abs(this.exact() - this.now) > 1.5) this.now = this.exact()
  }

  exact(): number {
    return this.offset === 0 ? Date.now() / 1000 : this.offset + performance.now() / 1000
  }

  start(): void {
    clearInterval(this.timer)
    this.timer = setInterval(() => (this.now = this.exact()), 1000)
  }

  stop(): void {
    clearInterval(this.timer)
  }

  /** Seconds since an instant, for display. */
  age(iso: string | null): number {
    return iso === null ? NaN : this.now - Date.parse(iso) / 1000
  }
}

export const clock = new PostClock()
