/** The newest word about a command wins, in whatever order the words come. */
import { expect, test } from 'vitest'
import type { Command, CommandState } from '../../api/contract'
import { commands, progress } from '../commands.svelte'

function told(
  state: CommandState,
  requested: number,
  sent: number,
  accepted: number,
  confirmed: number,
): Command {
  const counts = { requested, sent, accepted, confirmed, refused: 0, failed: 0, expired: 0, unknown: 0 }
  return { id: 'one', state, counts, undone_by: null } as unknown as Command
}
const LIFE = [
  told('awaiting_approval', 4, 0, 0, 0),
  told('requested', 4, 0, 0, 0),
  told('sent', 0, 4, 0, 0),
  told('accepted', 0, 1, 3, 0),
  told('accepted', 0, 0, 3, 1),
  told('confirmed', 0, 0, 0, 4),
]

test('a command only ever goes forward', () => {
  const steps = LIFE.map(progress)
  expect(steps).toEqual(steps.toSorted((a, b) => a - b))
  expect(new Set(steps).size).toBe(steps.length)
})

test('a slow answer does not take back what the live link told', () => {
  commands.take(LIFE[5]!)
  commands.take(LIFE[1]!)
  expect(commands.byId.get('one')?.state).toBe('confirmed')
})
