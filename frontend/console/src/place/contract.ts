/** An address as the post finds it (docs/room-api.md). */

export type AddressHit = {
  label: string
  kind: 'address' | 'crossing' | 'street' | 'place' | 'near'
  commune: string | null
  street: string | null
  number: string | null
  lon: number
  lat: number
  score: number
  /** The number that the street does not have: this is the nearest to it. */
  asked: string | null
}
