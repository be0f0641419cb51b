/** Test harness of the console only: the fake city's live values, and the two binary formats. */
import { randomFrom, toDeg } from './city.mjs'
import { trades } from './manifest.mjs'

export const nowS = () => Math.floor(Date.now() / 1000)

function makeSet(type, trade, items, urnOf, nameOf) {
  const columns = {}
  for (const property of type.properties) {
    if (!property.live) continue
    columns[property.key] = {
      value: new Float32Array(items.length),
      observed: new Uint32Array(items.length).fill(nowS()),
      quality: new Uint8Array(items.length),
      changed: new Set(),
    }
  }
  const ids = items.map(urnOf)
  return {
    type,
    trade,
    items,
    columns,
    ids,
    names: items.map(nameOf),
    indexOf: new Map(ids.map((id, i) => [id, i])),
  }
}

export function buildField(city) {
  const [lighting, platform] = trades
  const pad = (n) => String(n).padStart(5, '0')
  const insee = (item) => city.communes[item.commune].insee
  const sets = [
    makeSet(
      lighting.twin_types[0],
      'lighting',
      city.lights,
      (l, i) => `urn:ngsi-ld:Streetlight:${insee(l)}:${pad(i)}`,
      (l, i) => `PL-${pad(i)}`,
    ),
    makeSet(
      lighting.twin_types[1],
      'lighting',
      city.cabinets,
      (c, i) => `urn:ngsi-ld:StreetlightControlCabinet:${insee(c)}:${pad(i)}`,
      (c, i) => `AR-${pad(i)}`,
    ),
    makeSet(
      platform.twin_types[0],
      'platform',
      [0, 1, 2, 3].map(() => ({ at: [0, 0], commune: 0, street: { name: null } })),
      (_, i) => `urn:ngsi-ld:Service:21231:${['gateway', 'core', 'web', 'simulator'][i]}`,
      (_, i) => ['gateway', 'core', 'web', 'simulator'][i],
    ),
  ]
  fillStart(sets, randomFrom(7))
  return sets
}

function fillStart([lights, cabinets, services], random) {
  const { level_pct, power_w, health } = lights.columns
  lights.items.forEach((light, i) => {
    const major = ['primary', 'secondary', 'motorway'].includes(light.street.class)
    level_pct.value[i] = major ? 100 : light.street.class === 'tertiary' ? 80 : random() < 0.03 ? 0 : 55
    power_w.value[i] = level_pct.value[i] * 0.7 + random() * 4
    health.value[i] = 0
    if (random() < 0.004) for (const c of [level_pct, power_w]) c.observed[i] -= 7200
  })
  cabinets.items.forEach((_, i) => {
    cabinets.columns.supply_on.value[i] = 1
    cabinets.columns.power_w.value[i] = 2200 + random() * 900
    cabinets.columns.health.value[i] = 0
  })
  services.columns.up.value.fill(1)
  services.columns.lag_ms.value.fill(12)
}

/** Small drifts of some values, as a real city would send. */
export function drift([lights, cabinets], random, n = 300) {
  for (let k = 0; k < n; k++) {
    const i = Math.floor(random() * lights.items.length)
    if (lights.columns.health.value[i] === 0)
      set(lights, 'power_w', i, lights.columns.level_pct.value[i] * 0.7 + random() * 4)
  }
  const c = Math.floor(random() * cabinets.items.length)
  set(cabinets, 'power_w', c, 2200 + random() * 900)
}

export function set(twinSet, key, i, value) {
  const column = twinSet.columns[key]
  column.value[i] = value
  column.observed[i] = nowS()
  column.changed.add(i)
}

export function positionsOf(twinSet) {
  const n = twinSet.items.length
  const buffer = Buffer.alloc(8 + 13 * n)
  buffer.write('ODP1')
  buffer.writeUInt32LE(n, 4)
  twinSet.items.forEach((item, i) => {
    const [lon, lat] = toDeg(item.at)
    buffer.writeUInt32LE(i, 8 + 4 * i)
    buffer.writeFloatLE(lon, 8 + 4 * (n + i))
    buffer.writeFloatLE(lat, 8 + 4 * (2 * n + i))
    buffer.writeUInt8(item.commune, 8 + 12 * n + i)
  })
  return buffer
}

export function frameOf(sets, typeIndex, key, rows, full) {
  const twinSet = sets[typeIndex]
  const column = twinSet.columns[key]
  const n = rows.length
  const buffer = Buffer.alloc(20 + 13 * n)
  buffer.write('ODF1')
  buffer.writeUInt8(full ? 1 : 0, 4)
  buffer.writeUInt8(typeIndex, 5)
  buffer.writeUInt16LE(
    twinSet.type.properties.findIndex((p) => p.key === key),
    6,
  )
  buffer.writeDoubleLE(Date.now() / 1000, 8)
  buffer.writeUInt32LE(n, 16)
  rows.forEach((i, k) => {
    buffer.writeUInt32LE(i, 20 + 4 * k)
    buffer.writeFloatLE(column.value[i], 20 + 4 * (n + k))
    buffer.writeUInt32LE(column.observed[i], 20 + 4 * (2 * n + k))
    buffer.writeUInt8(column.quality[i], 20 + 12 * n + k)
  })
  return buffer
}

export function tableOf(city, twinSet) {
  const random = randomFrom(3)
  const attributes = {}
  for (const { key, kind, choices } of twinSet.type.attributes) {
    attributes[key] = twinSet.items.map(() =>
      kind === 'choice' ? choices[random() < 0.7 ? 0 : 1] : [40, 60, 75, 100][Math.floor(random() * 4)],
    )
  }
  return {
    row: twinSet.items.map((_, i) => i),
    id: twinSet.ids,
    name: twinSet.names,
    commune: twinSet.items.map((item) => city.communes[item.commune].insee),
    street: twinSet.items.map((item) => item.street.name),
    attributes,
  }
}
