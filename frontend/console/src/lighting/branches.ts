/** A cabinet as a tree of branches: what the keyboard walks through and what can be taken as a target. */
import type { Cabinet, TreeLight } from './contract'

export type Branch = {
  /** The path from the cabinet: `''`, `1`, `1/L2`, `1/L2/<urn>`. */
  path: string
  kind: 'cabinet' | 'circuit' | 'phase' | 'light'
  name: string
  level: number
  /** Place among its brothers, from 1, and how many they are. */
  at: number
  of: number
  lights: number
  asked_w: number | null
  drawn_w: number | null
  faults: number
  imbalance_pct: number | null
  inferred: boolean
  light: TreeLight | null
}

/** The rows in sight: a branch is followed by what is below it where it is open. */
export function rowsOf(cabinet: Cabinet, open: ReadonlySet<string>): Branch[] {
  const rows: Branch[] = [
    { ...sumsOf(cabinet), path: '', kind: 'cabinet', name: cabinet.name, level: 1, at: 1, of: 1 },
  ]
  if (!open.has('')) return rows
  cabinet.circuits.forEach((circuit, c) => {
    const path = circuit.key
    const of = cabinet.circuits.length
    rows.push({ ...sumsOf(circuit), path, kind: 'circuit', name: circuit.key, level: 2, at: c + 1, of })
    if (!open.has(path)) return
    circuit.phases.forEach((phase, p) => {
      const below = `${path}/${phase.key}`
      const sums = sumsOf({ ...phase, lights: phase.lights.length })
      const place = { at: p + 1, of: circuit.phases.length }
      rows.push({ ...sums, path: below, kind: 'phase', name: phase.key, level: 3, ...place })
      if (open.has(below))
        rows.push(...phase.lights.map((light, k) => leaf(light, below, k, phase.lights.length)))
    })
  })
  return rows
}

type Summed = {
  lights: number
  asked_w: number
  drawn_w: number
  faults: number
  imbalance_pct?: number | null
  inferred?: boolean
}

function sumsOf({ lights, asked_w, drawn_w, faults, imbalance_pct = null, inferred = false }: Summed) {
  return { lights, asked_w, drawn_w, faults, imbalance_pct, inferred, light: null }
}

function leaf(light: TreeLight, below: string, k: number, of: number): Branch {
  return {
    path: `${below}/${light.id}`,
    kind: 'light',
    name: light.name,
    level: 4,
    at: k + 1,
    of,
    lights: 1,
    asked_w: light.asked_w,
    drawn_w: light.drawn_w,
    faults: light.fault > 0 ? 1 : 0,
    imbalance_pct: null,
    inferred: false,
    light,
  }
}

/** The lights at and below a branch. */
export function lightsOf(cabinet: Cabinet, path: string): TreeLight[] {
  const [circuit, phase, ...light] = path === '' ? [] : path.split('/')
  return cabinet.circuits
    .filter(({ key }) => circuit === undefined || key === circuit)
    .flatMap(({ phases }) => phases.filter(({ key }) => phase === undefined || key === phase))
    .flatMap(({ lights }) => lights.filter(({ id }) => light.length === 0 || id === light.join('/')))
}

export function parentOf(path: string): string | null {
  if (path === '') return null
  const parts = path.split('/')
  return parts.length > 3 ? parts.slice(0, 2).join('/') : parts.slice(0, -1).join('/')
}
