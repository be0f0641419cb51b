/** What a notification opens. */
import { expect, test } from 'vitest'
import { opens } from '../contract'

test('a subject opens its panel', () => {
  expect(opens('incident:0190-a')).toEqual({ panel: 'incident', id: '0190-a' })
  expect(opens('command:0190-b')).toEqual({ panel: 'command', id: '0190-b' })
})

test('what has no panel opens nothing', () => {
  for (const subject of ['glass:1', 'incident:', '', 'nonsense']) expect(opens(subject)).toBeNull()
})
