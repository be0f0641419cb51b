/** Tells a refusal of the post in words; anything else is a defect and goes on being thrown. */
import { PostError } from './api/requests'
import { desk } from './focus.svelte'
import { w } from './words.svelte'

export function refusalText(error: unknown): string {
  if (!(error instanceof PostError)) throw error
  return w(error.key, error.values)
}

export function tellRefusal(error: unknown): void {
  desk.say(refusalText(error), true)
}
