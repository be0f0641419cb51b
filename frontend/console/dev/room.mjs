/** Test harness of the console only: cards of the fake alarms, one group among them, and the acts on them. */
import { randomUUID } from 'node:crypto'

const iso = (s) => new Date(s * 1000).toISOString()
const now = () => Date.now() / 1000
const RESPONSE_S = [600, 1800, 86_400, 259_200]

/** One card for a single alarm, or for several with one cause. */
function cardOf(kind, alarms, more = {}) {
  const first = alarms.reduce((a, b) => (a.raised_at <= b.raised_at ? a : b))
  const unacknowledged = alarms.filter((alarm) => alarm.acknowledged_at === null).length
  return {
    id: randomUUID(),
    kind,
    type: first.type,
    trade: first.trade,
    priority: first.priority,
    disposition: 'shown',
    twin: first.twin,
    twin_type: first.twin_type,
    twin_name: first.twin_name,
    element: first.twin,
    communes: [...new Set(alarms.map((alarm) => alarm.commune))],
    street: first.street,
    lon: first.lon,
    lat: first.lat,
    members: alarms.length,
    active: alarms.length,
    expected: alarms.length + 5,
    unacknowledged,
    explanation: { key: `cause.${kind}`, values: {} },
    first: {
      alarm: first.id,
      twin: first.twin,
      twin_name: first.twin_name,
      type: first.type,
      at: first.raised_at,
    },
    raised_at: first.raised_at,
    cleared_at: null,
    acknowledged_at: unacknowledged ? null : first.acknowledged_at,
    acknowledged_by: unacknowledged ? null : first.acknowledged_by,
    shelved: null,
    incident: null,
    stale: false,
    latched: false,
    times_raised: alarms.length,
    response_s: RESPONSE_S[first.priority - 1],
    evidence: kind === 'single' ? first.evidence : null,
    version: 1,
    ...more,
  }
}

export class FakeRoom {
  cards = new Map()
  members = new Map()

  constructor(post) {
    this.post = post
    const [one, two, three, ...rest] = [...post.alarms.values()].filter(({ type }) =>
      type.endsWith('lamp_out'),
    )
    this.add(cardOf('cabinet', [one, two, three]), [one, two, three])
    for (const alarm of [...rest, ...[...post.alarms.values()].filter((a) => !a.type.endsWith('lamp_out'))])
      this.add(cardOf('single', [alarm]), [alarm])
    post.onRaise = (alarm) => this.tell(this.add(cardOf('single', [alarm]), [alarm]))
  }

  add(card, alarms) {
    this.cards.set(card.id, card)
    this.members.set(card.id, alarms)
    return card
  }

  tell(card) {
    this.post.tell({ kind: 'card', card })
  }

  list(which) {
    const all = [...this.cards.values()]
    const isIn = (card, list) => (list === 'shelved' ? card.shelved : list === 'shown' && !card.shelved)
    const shown = all.filter((card) => isIn(card, 'shown'))
    const cards = all.filter((card) => isIn(card, which))
    const count = (priority) => shown.filter((card) => card.priority === priority).length
    return {
      cards,
      total: cards.length,
      counts: {
        shown: Object.fromEntries([1, 2, 3, 4].map((priority) => [priority, count(priority)])),
        shelved: all.length - shown.length,
        out_of_service: 0,
        stale: 0,
      },
      flood: false,
      raw: this.post.alarms.size,
    }
  }

  figures() {
    return {
      operators: 2,
      per_operator_10min: 0.8,
      target: 1,
      last_hours: Array.from({ length: 24 }, (_, k) => ({
        at: iso(now() - (23 - k) * 3600),
        annunciated: k % 5,
        raw: k * 3,
      })),
      mix: { 1: 0.05, 2: 0.05, 3: 0.1, 4: 0.8 },
      worst_talkers: [],
      never_acted_on: [],
      flood_minutes_7d: 0,
    }
  }

  /** What `GET /api/alarms/...` answers, or nothing. */
  read(parts, query) {
    const [what, id, part] = parts
    if (what === undefined) return this.list(query.get('list') ?? 'shown')
    if (what === 'figures') return this.figures()
    if (what !== 'cards') return []
    if (part === 'members')
      return { alarms: this.members.get(id) ?? [], total: this.members.get(id)?.length ?? 0 }
    return this.cards.get(id) ?? null
  }

  /** What `POST /api/acts` does; undefined is refused. */
  act({ key, payload }, me) {
    if (key === 'alarms.acknowledge') return this.acknowledge(payload, me)
    if (key === 'alarms.shelve') return this.change(payload.card, { shelved: this.shelving(payload, me) })
    if (key === 'alarms.unshelve')
      for (const card of this.cards.values())
        if (payload.shelvings.includes(card.shelved?.id)) this.change(card.id, { shelved: null })
    return key === 'alarms.unshelve' ? {} : undefined
  }

  shelving({ until, reason }, me) {
    return { id: randomUUID(), until, reason, owner: me.name, cause: 'operator', times_raised: 0 }
  }

  acknowledge({ cards }, me) {
    for (const id of cards)
      this.change(id, { unacknowledged: 0, acknowledged_at: iso(now()), acknowledged_by: me.name })
    return { acknowledged: cards.length }
  }

  change(id, more) {
    const card = this.cards.get(id)
    Object.assign(card, more, { version: card.version + 1 })
    this.tell(card)
    return {}
  }
}
