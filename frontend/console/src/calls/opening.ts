/** A card by hand: somebody is on the line already. */
import { act } from '../api/requests'
import { desk } from '../focus.svelte'
import { tellRefusal } from '../telling'

export async function openCall(): Promise<void> {
  try {
    const { id } = await act<{ id: string }>('calls.open', { channel: 'hand', number: null, name: null })
    desk.showPart('call', id)
  } catch (error) {
    tellRefusal(error)
  }
}

/** Answers a ringing call and shows its card; who was first is told, and the card shows it too. */
export async function takeCall(id: string, version: number): Promise<void> {
  try {
    await act('calls.take', { id, version })
  } catch (error) {
    tellRefusal(error)
  }
  desk.showPart('call', id)
}
