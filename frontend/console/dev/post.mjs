/** Test harness of the console only: fake alarms and commands with their life cycle. */
import { randomUUID } from 'node:crypto'
import { randomFrom, toDeg } from './city.mjs'
import { set } from './field.mjs'

const iso = (s) => new Date(s * 1000).toISOString()
const now = () => Date.now() / 1000
const STATES = ['requested', 'sent', 'accepted', 'confirmed', 'refused', 'failed', 'expired', 'unknown']

export class FakePost {
  alarms = new Map()
  commands = new Map()
  holds = new Map()
  listeners = new Set()

  constructor(city, sets) {
    this.city = city
    this.sets = sets
    this.random = randomFrom(99)
    this.seedAlarms()
  }

  tell(message) {
    for (const listener of this.listeners) listener(message)
  }

  seedAlarms() {
    const at = (n) => Math.floor(this.random() * n)
    for (let k = 0; k < 46; k++) this.raise('lighting.lamp_out', 0, at(34_000), 4, k * 420)
    for (let k = 0; k < 9; k++) this.raise('lighting.day_burner', 0, at(34_000), 3, 300 + k * 1300)
    for (let k = 0; k < 3; k++) this.raise('lighting.cabinet_lost', 1, at(680), 2, 240 + k * 700)
    this.raise('lighting.street_dark', 0, 4_200, 1, 75)
    const seen = [...this.alarms.values()].filter((_, k) => k % 4 === 1)
    for (const alarm of seen)
      Object.assign(alarm, { acknowledged_at: iso(now() - 30), acknowledged_by: 'Sacha Morel' })
  }

  raise(type, setIndex, i, priority, ageS = 0) {
    const twinSet = this.sets[setIndex]
    const item = twinSet.items[i]
    const [lon, lat] = toDeg(item.at)
    const alarm = {
      id: randomUUID(),
      type,
      trade: 'lighting',
      twin: twinSet.ids[i],
      twin_name: twinSet.names[i],
      twin_type: twinSet.type.key,
      commune: this.city.communes[item.commune].insee,
      street: item.street.name,
      lon,
      lat,
      priority,
      raised_at: iso(now() - ageS),
      cleared_at: null,
      acknowledged_at: null,
      acknowledged_by: null,
      evidence: { power_w: 1.2, level_pct: 80 },
      version: 1,
    }
    this.alarms.set(alarm.id, alarm)
    set(twinSet, 'health', i, priority)
    if (setIndex === 0) set(twinSet, 'power_w', i, 1)
    this.onRaise?.(alarm)
    return alarm
  }

  rowsOf(selection) {
    const lights = this.sets[0]
    const all = lights.items.map((_, i) => i)
    const ids = new Set(selection.ids)
    if (selection.kind === 'twins')
      return selection.ids.map((id) => lights.indexOf.get(id)).filter((i) => i !== undefined)
    if (selection.kind === 'part_of') {
      const cabinets = new Set(selection.ids.map((id) => this.sets[1].indexOf.get(id)))
      return all.filter((i) => cabinets.has(lights.items[i].cabinet))
    }
    if (selection.kind === 'street') return all.filter((i) => ids.has(lights.items[i].street.id))
    if (selection.kind === 'commune')
      return all.filter((i) => ids.has(this.city.communes[lights.items[i].commune].insee))
    if (selection.kind === 'polygon')
      return all.filter((i) => within(selection.rings[0], toDeg(lights.items[i].at)))
    return all
  }

  dryRun(body) {
    const rows = this.rowsOf(body.targets)
    const byCommune = new Map()
    for (const i of rows) {
      const commune = this.city.communes[this.sets[0].items[i].commune].insee
      byCommune.set(commune, (byCommune.get(commune) ?? 0) + 1)
    }
    const low = body.payload.level_pct < 20 ? Math.ceil(rows.length * 0.1) : 0
    const risk = rows.length > 500 ? 3 : rows.length > 50 ? 1 : 0
    return {
      count: rows.length - low,
      refused: low ? [{ key: 'lighting.refusal.below_legal_minimum', count: low }] : [],
      by_commune: [...byCommune]
        .map(([commune, count]) => ({ commune, count }))
        .sort((a, b) => b.count - a.count),
      risk_class: risk,
      needs_reason: risk > 0,
      needs_approval: risk === 3,
      sample: rows.slice(0, 20).map((i) => this.sets[0].ids[i]),
    }
  }

  submit(body, person, undoOf = null) {
    const dry = this.dryRun(body)
    const rows = this.rowsOf(body.targets)
    const command = {
      id: randomUUID(),
      key: body.key,
      trade: 'lighting',
      reason: body.reason,
      payload: body.payload,
      state: dry.needs_approval && !undoOf ? 'awaiting_approval' : 'requested',
      selection: body.targets,
      risk_class: dry.risk_class,
      issuer: person.name,
      approver: null,
      requested_at: iso(now()),
      approved_at: null,
      expires_at: iso(now() + body.expires_s),
      undo_of: undoOf,
      undone_by: null,
      counts: Object.fromEntries(STATES.map((s) => [s, s === 'requested' ? rows.length : 0])),
    }
    Object.defineProperty(command, 'rows', { value: rows })
    Object.defineProperty(command, 'perRow', { value: new Map(rows.map((i) => [i, 'requested'])) })
    Object.defineProperty(command, 'before', {
      value: new Map(rows.map((i) => [i, this.sets[0].columns.level_pct.value[i]])),
    })
    this.commands.set(command.id, command)
    if (command.state === 'requested') this.run(command)
    this.tell({ kind: 'command', command })
    return command
  }

  decide(id, person, approved) {
    const command = this.commands.get(id)
    Object.assign(command, {
      approver: person.name,
      approved_at: iso(now()),
      state: approved ? 'requested' : 'rejected',
    })
    this.tell({ kind: 'command', command })
    if (approved) this.run(command)
    return command
  }

  undo(id, person, reason) {
    const first = this.commands.get(id)
    const body = { key: first.key, targets: first.selection, payload: first.payload, reason, expires_s: 120 }
    const command = this.submit(body, person, id)
    command.before.clear()
    for (const [i, level] of first.before) command.before.set(i, level)
    first.undone_by = command.id
    this.tell({ kind: 'command', command: first })
    return command
  }

  run(command) {
    setTimeout(() => this.advance(command, 'requested', 'sent', 1), 250)
    setTimeout(() => this.advance(command, 'sent', 'accepted', 0.995), 700)
    for (let k = 1; k <= 5; k++)
      setTimeout(() => this.advance(command, 'accepted', 'confirmed', k / 5), 900 + k * 350)
    setTimeout(() => this.advance(command, 'sent', 'unknown', 1), 9000)
  }

  advance(command, from, to, share) {
    const rows = [...command.perRow].filter(([, state]) => state === from).map(([i]) => i)
    for (const i of rows.slice(0, Math.ceil(rows.length * share))) {
      command.perRow.set(i, to)
      if (to === 'confirmed') this.confirm(command, i)
    }
    for (const state of STATES) command.counts[state] = 0
    for (const state of command.perRow.values()) command.counts[state]++
    const left = command.counts.requested + command.counts.sent + command.counts.accepted
    command.state = left > 0 ? to : command.counts.unknown > 0 ? 'unknown' : 'confirmed'
    this.tell({ kind: 'command', command })
  }

  confirm(command, i) {
    const lights = this.sets[0]
    const { payload } = command
    const wanted = command.undo_of
      ? command.before.get(i)
      : (payload.level_pct ?? (payload.power === 'off' ? 0 : 100))
    set(lights, 'level_pct', i, wanted)
    if (lights.columns.health.value[i] === 0) set(lights, 'power_w', i, wanted * 0.72)
    const id = lights.ids[i]
    if (command.undo_of || command.key.includes('release')) this.holds.delete(id)
    else {
      this.holds.set(id, {
        twin: id,
        twin_name: lights.names[i],
        group: 'level',
        wanted: { level_pct: wanted },
        until: iso(now() + (payload.hold_s ?? 3600)),
        since: iso(now()),
        command: command.id,
        owner: command.issuer,
        reason: command.reason,
      })
    }
  }
}

function within(ring, [x, y]) {
  let odd = false
  for (let a = 0, b = ring.length - 1; a < ring.length; b = a++) {
    const [[ax, ay], [bx, by]] = [ring[a], ring[b]]
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd
  }
  return odd
}
