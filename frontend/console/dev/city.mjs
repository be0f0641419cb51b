/** Test harness of the console only: a rough fake city, 34,000 lights along made-up streets, from a seed. */

const FACTS = `21231 Dijon 159941 47.332,5.045|21166 Chenôve 14299 47.291,5.006|21617 Talant 11986 47.339,5.000|21171 Chevigny-Saint-Sauveur 10895 47.298,5.138|21278 Fontaine-lès-Dijon 9032 47.347,5.023|21515 Quetigny 8897 47.321,5.119|21355 Longvic 8787 47.285,5.060|21540 Saint-Apollinaire 7517 47.337,5.095|21390 Marsannay-la-Côte 5440 47.280,4.982|21452 Neuilly-Crimolois 3430 47.272,5.114|21485 Plombières-lès-Dijon 2508 47.336,4.955|21481 Perrigny-lès-Dijon 2321 47.257,5.021|21605 Sennecey-lès-Dijon 2125 47.292,5.105|21263 Fénay 1724 47.246,5.054|21003 Ahuy 1695 47.370,5.020|21223 Daix 1520 47.364,4.957|21473 Ouges 1505 47.258,5.081|21315 Hauteville-lès-Dijon 1206 47.379,4.976|21105 Bressey-sur-Tille 1110 47.310,5.181|21106 Bretenière 935 47.237,5.101|21370 Magny-sur-Tille 872 47.274,5.172|21192 Corcelles-les-Monts 654 47.303,4.946|21270 Flavignerot 231 47.279,4.921`

export const KX = 111_320 * Math.cos((47.32 * Math.PI) / 180)
export const KY = 111_320
const CENTRE = [5.045, 47.315]
export const toDeg = ([x, y]) => [CENTRE[0] + x / KX, CENTRE[1] + y / KY]
const toMetres = ([lon, lat]) => [(lon - CENTRE[0]) * KX, (lat - CENTRE[1]) * KY]

/** Mulberry32. */
export function randomFrom(seed) {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export const communes = FACTS.split('|').map((line) => {
  const [, insee, name, population, lat, lon] = line.match(/^(\d+) (.+) (\d+) ([\d.]+),([\d.]+)$/)
  return { insee, name, population: +population, at: toMetres([+lon, +lat]), center: [+lon, +lat] }
})

function clip(polygon, [px, py], [nx, ny]) {
  const side = ([x, y]) => (x - px) * nx + (y - py) * ny
  return polygon.flatMap((b, k) => {
    const a = polygon.at(k - 1)
    const [sa, sb] = [side(a), side(b)]
    const cross =
      sa < 0 !== sb < 0
        ? [[a[0] + ((b[0] - a[0]) * sa) / (sa - sb), a[1] + ((b[1] - a[1]) * sa) / (sa - sb)]]
        : []
    return sb < 0 ? [...cross, b] : cross
  })
}

function cellOf(commune) {
  let polygon = Array.from({ length: 72 }, (_, k) => {
    const a = (k * Math.PI) / 36
    const r = 10_400 + 900 * Math.sin(3 * a) + 500 * Math.cos(5 * a + 1)
    return [r * Math.cos(a), r * 0.86 * Math.sin(a)]
  })
  for (const other of communes) {
    if (other === commune) continue
    const weight = 0.5 + 0.09 * Math.sign(Math.log(commune.population / other.population))
    const normal = [other.at[0] - commune.at[0], other.at[1] - commune.at[1]]
    polygon = clip(polygon, [commune.at[0] + normal[0] * weight, commune.at[1] + normal[1] * weight], normal)
  }
  return polygon
}

const inside = (polygon, [x, y]) =>
  polygon.reduce((odd, [bx, by], k) => {
    const [ax, ay] = polygon.at(k - 1)
    return ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax ? !odd : odd
  }, false)

const FIRST = ['Rue', 'Rue', 'Rue', 'Avenue', 'Boulevard', 'Allée', 'Impasse', 'Place', 'Chemin']
const SECOND =
  'de la Liberté,des Forges,Berbisey,Monge,de la Préfecture,Vannerie,Chaudronnerie,du Drapeau,de Jouvence,Devosge,de Mirande,d’Auxonne,de Longvic,du Transvaal,des Tanneries,de Larrey,de la Colombière,des Marmuzots,Victor-Hugo,Jean-Jaurès,du Mail,de Stalingrad,des Grésilles,de Gray,Clemenceau,de la Toison-d’Or,du Suzon,de Talant,du Lac,des Valendons,de Fontaine,des Rotondes,de l’Ouche,Sainte-Anne,du Petit-Cîteaux,de Brosses,Thiers,Garibaldi,des Perrières,de l’Arquebuse'.split(
    ',',
  )

function gridStreets(commune, index, streets, random) {
  const radius = 260 + 9.2 * Math.sqrt(commune.population)
  const step = commune.population > 100_000 ? 118 : 104
  const turn = (index * 0.37) % 1.2
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)]
  const lines = Math.floor(radius / step)
  for (const across of [false, true]) {
    for (let k = -lines; k <= lines; k++) {
      const shift = k * step + (random() - 0.5) * 40
      const half = Math.sqrt(Math.max(0, radius ** 2 - shift ** 2)) * (0.82 + 0.25 * random())
      const bend = (random() - 0.5) * 160
      let line = []
      const finish = () => {
        if (line.length > 2) {
          const kind =
            k === 0 ? 'secondary' : k % 4 === 0 ? 'tertiary' : random() < 0.05 ? 'pedestrian' : 'residential'
          streets.push({ commune: index, line, class: kind })
        }
        line = []
      }
      for (let s = -half; s <= half; s += 60) {
        const curved = shift + bend * Math.sin((s / radius) * 2.2) + 14 * Math.sin(s / 170 + k)
        const [u, v] = across ? [curved, s] : [s, curved]
        const point = [commune.at[0] + u * cos - v * sin, commune.at[1] + u * sin + v * cos]
        if (inside(commune.polygon, point) && random() > 0.012) line.push(point)
        else finish()
      }
      finish()
    }
  }
}

function greatStreets(streets) {
  const dijon = communes[0]
  for (const [index, commune] of communes.entries()) {
    if (index === 0) continue
    const line = Array.from({ length: 24 }, (_, k) => {
      const f = k / 23
      const sway = 260 * Math.sin(f * Math.PI * 2 + index)
      return [
        dijon.at[0] + (commune.at[0] - dijon.at[0]) * f + sway * 0.4,
        dijon.at[1] + (commune.at[1] - dijon.at[1]) * f + sway * 0.3,
      ]
    })
    streets.push({ commune: index, line, class: 'primary', name: `Route de ${commune.name}` })
  }
  const ring = Array.from({ length: 61 }, (_, k) => {
    const a = (k / 60) * 2 * Math.PI * 0.86 + 1
    return [dijon.at[0] + 4100 * Math.cos(a), dijon.at[1] + 3700 * Math.sin(a)]
  })
  streets.push({ commune: 0, line: ring, class: 'motorway', name: 'Rocade' })
}

function alongLine(line, spacing, place) {
  let rest = spacing / 2
  for (let k = 1; k < line.length; k++) {
    const [[ax, ay], [bx, by]] = [line[k - 1], line[k]]
    const length = Math.hypot(bx - ax, by - ay)
    for (; rest < length; rest += spacing)
      place([ax + ((bx - ax) * rest) / length, ay + ((by - ay) * rest) / length])
    rest -= length
  }
}

const lengthOf = (line) =>
  line.reduce((sum, b, k) => (k ? sum + Math.hypot(b[0] - line[k - 1][0], b[1] - line[k - 1][1]) : 0), 0)

export function buildCity(wanted = 34_000) {
  const random = randomFrom(21231)
  for (const commune of communes) commune.polygon = cellOf(commune)
  const streets = []
  for (const [index, commune] of communes.entries()) gridStreets(commune, index, streets, random)
  greatStreets(streets)
  streets.forEach((street, k) => {
    street.id = `street-${k}`
    street.name ??= `${FIRST[k % FIRST.length]} ${SECOND[(k * 7) % SECOND.length]}`
  })
  const spacing = streets.reduce((sum, street) => sum + lengthOf(street.line), 0) / wanted
  const lights = []
  for (const street of streets) {
    alongLine(street.line, spacing, (at) => {
      const side = lights.length % 2 ? 4 : -4
      if (lights.length < wanted)
        lights.push({ at: [at[0] + side, at[1] - side], street, commune: street.commune })
    })
  }
  const cabinets = []
  for (let k = 0; k < lights.length; k += 50) {
    const first = lights[k]
    const cabinet = {
      at: [first.at[0] + 9, first.at[1] + 6],
      street: first.street,
      commune: first.commune,
      from: k,
    }
    cabinets.push(cabinet)
    for (const light of lights.slice(k, k + 50)) light.cabinet = cabinets.length - 1
  }
  return { communes, streets, lights, cabinets }
}

const feature = (properties, type, coordinates) => ({
  type: 'Feature',
  properties,
  geometry: { type, coordinates },
})
const collection = (features) => ({ type: 'FeatureCollection', features })
const closed = (line) => [...line, line[0]].map(toDeg)

export function mapOf(city, name) {
  if (name === 'communes') {
    return collection(
      city.communes.map((c) => feature({ insee: c.insee, name: c.name }, 'Polygon', [closed(c.polygon)])),
    )
  }
  if (name === 'streets') {
    return collection(
      city.streets.map((s) => feature({ name: s.name, class: s.class }, 'LineString', s.line.map(toDeg))),
    )
  }
  const blob = (x, y, rx, ry, n = 40) =>
    Array.from({ length: n }, (_, k) => {
      const a = (k / n) * 2 * Math.PI
      const r = 1 + 0.14 * Math.sin(3 * a + x) + 0.08 * Math.cos(7 * a + y)
      return [x + rx * r * Math.cos(a), y + ry * r * Math.sin(a)]
    })
  const river = Array.from({ length: 70 }, (_, k) => [-9000 + k * 260, 1500 - k * 95 + 500 * Math.sin(k / 6)])
  const tram = Array.from({ length: 40 }, (_, k) => [-1200 + 120 * k, 900 + 500 * Math.sin(k / 9)])
  const rail = Array.from({ length: 60 }, (_, k) => [-8000 + 270 * k, 2600 - 75 * k + 300 * Math.sin(k / 12)])
  return collection([
    ...city.communes.map((c) => {
      const r = 330 + 9.6 * Math.sqrt(c.population)
      return feature({ kind: 'built' }, 'Polygon', [closed(blob(c.at[0], c.at[1], r, r))])
    }),
    feature({ kind: 'wood' }, 'Polygon', [closed(blob(-7600, 2300, 1500, 2300))]),
    feature({ kind: 'wood' }, 'Polygon', [closed(blob(-5600, -3800, 1700, 1100))]),
    feature({ kind: 'water' }, 'Polygon', [closed(blob(-2900, 600, 800, 210))]),
    feature({ kind: 'river' }, 'LineString', river.map(toDeg)),
    feature({ kind: 'tram' }, 'LineString', tram.map(toDeg)),
    feature({ kind: 'rail' }, 'LineString', rail.map(toDeg)),
  ])
}
