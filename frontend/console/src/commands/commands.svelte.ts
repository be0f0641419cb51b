/** The commands of the room: newest first, kept up to date by the live link. */
import type { Command, CommandBody, CommandState } from '../api/contract'
import { post } from '../api/requests'
import { session } from '../session.svelte'

const FINAL: CommandState[] = ['confirmed', 'refused', 'failed', 'expired', 'unknown', 'rejected']

export function isFinal(command: Command): boolean {
  return FINAL.includes(command.state)
}

export function totalTargets(command: Command): number {
  return Object.values(command.counts).reduce((sum, n) => sum + n, 0)
}

/** Undo makes sense once something was sent, unless it was undone already. */
export function canUndo(command: Command): boolean {
  if (command.undone_by !== null || command.undo_of !== null) return false
  const { sent, accepted, confirmed, unknown } = command.counts
  return sent + accepted + confirmed + unknown > 0
}

/** How far a command has come: a slow answer must not take back what the live link told already. */
export function progress(command: Command): number {
  const { requested, sent, accepted } = command.counts
  const decided = (command.state === 'awaiting_approval' ? 0 : 1) + (command.undone_by ? 1 : 0)
  return decided + 3 * (totalTargets(command) - requested) - 2 * sent - accepted
}

class Commands {
  byId = $state.raw(new Map<string, Command>())
  list = $derived([...this.byId.values()].sort((a, b) => (a.requested_at < b.requested_at ? 1 : -1)))
  waiting = $derived(this.list.filter((command) => command.state === 'awaiting_approval'))
  open = $derived(this.list.filter((command) => !isFinal(command)))
  /** The waiting ones that this person could decide: the badge counts them. */
  forMe = $derived(
    this.waiting.filter((c) => !session.isMe(c.issuer) && session.may('approve', c.trade)).length,
  )
  onSettled: (() => void) | null = null

  async load(): Promise<void> {
    this.byId = new Map((await post.commands()).map((command) => [command.id, command]))
  }

  take(command: Command): void {
    const before = this.byId.get(command.id)
    if (before && progress(before) > progress(command)) return
    const next = new Map(this.byId)
    next.set(command.id, command)
    this.byId = next
    this.onSettled?.()
  }

  async submit(body: CommandBody): Promise<Command> {
    const command = await post.submit(body)
    this.take(command)
    return command
  }

  async approve(id: string): Promise<void> {
    this.take(await post.approve(id))
  }

  async reject(id: string, reason: string): Promise<void> {
    this.take(await post.reject(id, reason))
  }

  async undo(id: string, reason: string): Promise<Command> {
    const command = await post.undo(id, reason)
    this.take(command)
    return command
  }
}

export const commands = new Commands()
