/** Test harness of the console only: the routes of docs/console-api.md over the fake city. */
import { toDeg } from './city.mjs'
import { positionsOf, tableOf } from './field.mjs'
import { mapOf } from './city.mjs'
import { stringsOf, trades } from './manifest.mjs'

const all = (role, verbs) => [{ role, communes: ['*'], trades: ['*'], verbs }]
export const PEOPLE = {
  camille: {
    name: 'Camille Roux',
    role_labels: ['Opérateur de nuit'],
    grants: all('operator', ['see', 'command', 'acknowledge']),
  },
  sacha: {
    name: 'Sacha Morel',
    role_labels: ['Chef de salle'],
    grants: all('supervisor', ['see', 'command', 'approve', 'acknowledge']),
  },
  invite: {
    name: 'Lou Petit',
    role_labels: ['Élu de Talant'],
    grants: [{ role: 'reader', communes: ['21617'], trades: ['lighting'], verbs: ['see'] }],
  },
}
export const DEMO = Object.entries(PEOPLE).map(([username, p]) => ({
  username,
  password: `${username}-demo`,
  label: p.role_labels[0],
}))

const fail = (status, key, values = {}) => ({ status, body: { error: { key, values } } })
const ok = (body, status = 200) => ({ status, body })
const iso = (s) => new Date(s * 1000).toISOString()

const setOf = ({ sets }, type) => sets.find((s) => s.type.key === type)

function bootstrap(world) {
  const { city } = world
  const corners = city.lights.map((l) => toDeg(l.at))
  const lons = corners.map((c) => c[0])
  const lats = corners.map((c) => c[1])
  const bbox = [lons, lats]
    .flatMap((v) => [v.reduce((a, b) => Math.min(a, b))])
    .concat([lons, lats].map((v) => v.reduce((a, b) => Math.max(a, b))))
  const facts = {
    key: 'dijon',
    name: 'Dijon métropole',
    synthetic: true,
    attribution: 'Ville engendrée par OnDijon',
    center: [5.045, 47.315],
    bbox,
  }
  return ok({
    city: facts,
    communes: city.communes.map(({ insee, name, center }) => ({ insee, name, center })),
    trades,
    now: new Date().toISOString(),
  })
}

function findTwin(world, urn) {
  const { sets } = world
  for (const [k, twinSet] of sets.entries()) {
    const i = twinSet.indexOf.get(urn)
    if (i !== undefined) return { k, twinSet, i }
  }
  return null
}

function twin(world, urn) {
  const { city, sets, post, tables } = world
  const found = findTwin(world, urn)
  if (!found) return null
  const { k, twinSet, i } = found
  const item = twinSet.items[i]
  const [lon, lat] = toDeg(item.at)
  const state = {}
  for (const p of twinSet.type.properties) {
    const column = twinSet.columns[p.key]
    const at = column ? column.observed[i] : Math.floor(Date.now() / 1000) - 340
    const raw = column ? column.value[i] : p.kind === 'boolean' ? 1 : 41.5
    const value = p.kind === 'choice' ? (p.choices[raw] ?? null) : p.kind === 'boolean' ? raw === 1 : raw
    state[p.key] = {
      value,
      observed_at: iso(at),
      received_at: iso(at + 1),
      quality: 'good',
      stale: p.stale_after_s !== null && Date.now() / 1000 - at > p.stale_after_s,
    }
  }
  const attributes = Object.fromEntries(Object.entries(tables[k].attributes).map(([key, v]) => [key, v[i]]))
  const parts = k === 1 ? { Streetlight: city.lights.filter((l) => l.cabinet === i).length } : {}
  const hold = post.holds.get(urn)
  return {
    id: urn,
    type: twinSet.type.key,
    name: twinSet.names[i],
    commune: city.communes[item.commune].insee,
    street: item.street.name,
    lon,
    lat,
    part_of: k === 0 ? sets[1].ids[item.cabinet] : null,
    gateway: k < 2 ? `gw-${item.cabinet ?? i}` : null,
    attributes,
    state,
    holds: hold ? [hold] : [],
    alarms: [...post.alarms.values()].filter((a) => a.twin === urn),
    parts,
  }
}

function history(world, query) {
  const [from, to] = ['from', 'to'].map((k) => Date.parse(query.get(k)) / 1000)
  const t = []
  const v = []
  for (let s = from; s < to; s += (to - from) / 400) {
    const night = Math.cos((s / 86_400) * 2 * Math.PI) > -0.1
    t.push(Math.round(s))
    v.push(night ? 55 + 3 * Math.sin(s / 900) : 0)
  }
  return ok({ property: query.get('property'), t, v, sampled: true })
}

function search(world, text) {
  const { city, sets } = world
  const fold = (s) => s.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  const q = fold(text)
  const hits = city.communes
    .filter((c) => fold(c.name).includes(q))
    .map((c) => ({
      kind: 'commune',
      id: c.insee,
      label: c.name,
      detail: c.insee,
      lon: c.center[0],
      lat: c.center[1],
    }))
  for (const s of city.streets) {
    if (hits.length > 12) break
    const [lon, lat] = toDeg(s.line[s.line.length >> 1])
    if (fold(s.name).includes(q))
      hits.push({
        kind: 'street',
        id: s.id,
        label: s.name,
        detail: city.communes[s.commune].name,
        lon,
        lat,
      })
  }
  for (const twinSet of sets) {
    twinSet.names.some((name, i) => {
      const [lon, lat] = toDeg(twinSet.items[i].at)
      if (name.toLowerCase().includes(q))
        hits.push({
          kind: 'twin',
          id: twinSet.ids[i],
          label: name,
          detail: twinSet.items[i].street.name ?? '',
          type: twinSet.type.key,
          lon,
          lat,
        })
      return hits.length >= 20
    })
  }
  return ok(hits.slice(0, 20))
}

function targets(world, command, query) {
  const { sets } = world
  const state = query.get('state')
  const rows = [...command.perRow].filter(([, s]) => !state || s === state).slice(0, 200)
  return ok(
    rows.map(([i, s]) => ({
      id: sets[0].ids[i],
      name: sets[0].names[i],
      state: s,
      reason: null,
      sent_at: command.requested_at,
      done_at: null,
    })),
  )
}

function read(world, parts, query) {
  const { city, sets, post, tables } = world
  const [head, a, b] = parts
  if (head === 'bootstrap') return bootstrap(world)
  if (head === 'strings') return ok(stringsOf(a))
  if (head === 'map') return ok(mapOf(city, a))
  if (head === 'twins')
    return b === 'positions'
      ? { status: 200, bytes: positionsOf(setOf(world, a)) }
      : ok(tables[sets.indexOf(setOf(world, a))])
  if (head === 'twin' && b === 'history') return history(world, query)
  if (head === 'twin' && b === 'acts') {
    const { i, k } = findTwin(world, a)
    const mine = [...post.commands.values()].filter((c) => k === 0 && c.perRow.has(i)).reverse()
    return ok(mine.map((c) => ({ ...c, target_state: c.perRow.get(i), target_reason: null })))
  }
  if (head === 'twin') return twin(world, a) ? ok(twin(world, a)) : fail(404, 'error.not_found')
  if (head === 'search') return search(world, query.get('q'))
  if (head === 'commands' && b === 'targets') return targets(world, post.commands.get(a), query)
  if (head === 'commands') return ok([...post.commands.values()].reverse())
  if (head === 'alarms') return ok([...post.alarms.values()])
  if (head === 'holds') return ok([...post.holds.values()])
  if (head === 'dead-letters')
    return ok([
      {
        id: 12,
        driver: 'mqtt',
        source: 'gw-4',
        topic: 'city/21231/gw-4/up',
        reason: 'senml.bad_time',
        detail: '',
        repeated: 2,
        replayed_at: null,
        received_at: iso(Date.now() / 1000 - 4000),
        payload: '',
      },
    ])
  return fail(404, 'error.not_found')
}

function write(world, parts, body, me) {
  const { post } = world
  const [head, a, b] = parts
  const may = (verb) => me.grants.some((g) => g.verbs.includes(verb))
  if (head === 'alarms')
    return may('acknowledge') ? ok(post.acknowledge(a, me)) : fail(403, 'error.not_allowed')
  if (head === 'dead-letters') return ok({})
  if (head !== 'commands' || !may('command')) return fail(403, 'error.not_allowed')
  if (a === 'dry-run') return ok(post.dryRun(body))
  if (!a) return ok(post.submit(body, me), 202)
  if (b === 'undo') return ok(post.undo(a, me, body.reason))
  if (!may('approve') || post.commands.get(a).issuer === me.name) return fail(403, 'error.not_allowed')
  return ok(post.decide(a, me, b === 'approve'))
}

/** What the fake post answers, for a city with its live values. */
export function makeRoutes(city, sets, post) {
  const world = { city, sets, post, tables: sets.map((s) => tableOf(city, s)) }
  return {
    read: (parts, query) => read(world, parts, query),
    write: (parts, body, me) => write(world, parts, body, me),
    twin: (urn) => twin(world, urn),
  }
}
