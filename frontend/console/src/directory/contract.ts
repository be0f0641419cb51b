/** The shapes of docs/room-api.md, directory. */
export const KINDS = ['service', 'on_call', 'contractor', 'outside', 'emergency'] as const
export type Kind = (typeof KINDS)[number]
export type Person = { name: string; phone: string; email: string }
export type Contact = {
  id: string
  key: string
  kind: Kind
  name: string
  body: string
  phone: string
  email: string
  trades: string[]
  communes: string[]
  hours: string
  note: string
  version: number
  open_now: boolean
  until: string | null
  first: boolean
  may_save: boolean
  person: Person | null
}

/** What the form starts from, and sends. */
export type Draft = Omit<Contact, 'id' | 'version' | 'open_now' | 'until' | 'first' | 'may_save'>

export const EMPTY: Draft = {
  key: '',
  kind: 'service',
  name: '',
  body: '',
  phone: '',
  email: '',
  trades: ['*'],
  communes: ['*'],
  hours: '24/7',
  note: '',
  person: null,
}

/** A number as a `tel:` link wants it. */
export function telephone(phone: string): string {
  return `tel:${phone.replace(/[^\d+]/g, '')}`
}

/** Contacts in the order they came, together by function. */
export function byFunction(contacts: Contact[]): [string, Contact[]][] {
  const groups = new Map<string, Contact[]>()
  for (const contact of contacts) groups.set(contact.key, [...(groups.get(contact.key) ?? []), contact])
  return [...groups]
}

/** The payload of `directory.save`: `*` swallows single communes, a person without a name is none. */
export function payloadOf(draft: Draft, known: Contact | null): Record<string, unknown> {
  const person = draft.person?.name.trim() ? draft.person : null
  const communes = draft.communes.includes('*') || draft.communes.length === 0 ? ['*'] : draft.communes
  return { ...draft, communes, person, id: known?.id ?? null, version: known?.version ?? null }
}
