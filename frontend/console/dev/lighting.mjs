/** Test harness of the console only: programmes of a made-up city, one that waits, one evening; nothing is computed. */
const iso = (ms) => new Date(ms).toISOString()
const HOUR = 3_600_000
const edge = (sun, offset_min) => ({ sun, offset_min, not_before: null, not_after: null })
const calendar = (more = {}) => ({ ranges: [], days: [], dates: [], except_dates: [], ...more })
const profile = (steps, off_hours = []) => ({
  on: edge('sunset', 10),
  off: edge('sunrise', -10),
  level_pct: 100,
  steps,
  off_hours,
})
const STEPS = [
  { from: '22:30', level_pct: 60 },
  { from: '01:00', level_pct: 'floor' },
  { from: '05:30', level_pct: 70 },
]

const tonight = () => iso(Date.now() - 11 * HOUR).slice(0, 10)

function content(key, fr, en, layer, scope, rules) {
  return { key, names: { fr, en }, layer, priority: 0, scope, rules }
}

function contents() {
  const rule = (steps, off, more) => ({
    calendar: calendar(more),
    profile: profile(steps, off),
    interval: null,
  })
  const off = [{ from: '23:30', until: '05:00' }]
  return [
    content('metropole', 'Programme de la métropole', 'The metropolis', 'metropolis', { kind: 'all' }, [
      rule(STEPS, []),
    ]),
    content(
      'chenove',
      'Chenôve, coupure de nuit',
      'Chenôve, dark hours',
      'commune',
      { kind: 'communes', communes: ['21166'] },
      [
        rule([], off, {
          days: ['mon', 'tue', 'wed', 'thu', 'sun'],
          ranges: [{ from: '11-01', until: '03-31' }],
        }),
        rule(STEPS, []),
      ],
    ),
    content(
      'soir-de-match',
      'Soir de match',
      'Match evening',
      'special',
      { kind: 'streets', streets: [{ commune: '21231', name: 'Rue de la Liberté' }] },
      [
        {
          calendar: calendar({ dates: [tonight()] }),
          profile: profile([]),
          interval: { from: '19:00', until: '00:30' },
        },
      ],
    ),
  ]
}

const brief = (id, number, state, by, at) => ({
  id,
  number,
  state,
  version: 1,
  at: iso(Date.now() - at * HOUR),
  by,
})

function curve(from, lights, classes, communes, after) {
  const at = (h) => iso(from + h * HOUR)
  const before = [
    [at(0), 0, null],
    [at(5), 100, 'metropole'],
    [at(10.5), 60, 'metropole'],
    [at(13), 35, 'metropole'],
    [at(19.7), 0, null],
  ]
  return {
    lights,
    classes,
    communes,
    before,
    after: after
      ? [...before.slice(0, 3), [at(11.5), 0, 'chenove'], [at(17), 70, 'chenove'], [at(19.7), 0, null]]
      : before,
  }
}

function year(kwh, dark) {
  const strip = Array.from({ length: 365 }, (_, n) => {
    const on = 7.2 - 2.4 * Math.cos(((n - 24) / 365) * 2 * Math.PI)
    return Array.from({ length: 24 }, (_, h) =>
      h < on || h > 24.5 - on ? 0 : dark && h > 11 && h < 17 ? 0 : h < 11 ? 90 : 40,
    )
  })
  const hours = [
    [0, dark ? 1980 : 0],
    [40, dark ? 0 : 1600],
    [60, 900],
    [100, 1600],
  ]
  return {
    burning_h: dark ? 2120 : 4100,
    off_h: dark ? 1980 : 0,
    kwh,
    eur: kwh * 0.19,
    hours: hours.map(([level_pct, h]) => ({ level_pct, h })),
    strip,
  }
}

function preview(night) {
  const from = Date.parse(`${night}T11:00:00Z`)
  const curves = [
    curve(from, 812, ['P3'], ['21166'], true),
    curve(from, 240, ['M4'], ['21166'], true),
    curve(from, 33_000, ['M3', 'P2'], ['21231', '21617', '21515'], false),
  ]
  const street = (name, k, cls) => ({
    commune: '21166',
    street: name,
    class: cls,
    lights: 30 - k,
    floor_pct: 25 + k,
    level_pct: 0,
    nights: 180,
  })
  return {
    night,
    lights: 1052,
    cabinets: 21,
    touched: 1052,
    nights_changed: 150,
    day: { from: iso(from), until: iso(from + 24 * HOUR), curves },
    year: {
      from: night,
      nights: 365,
      before: year(412_300, false),
      after: year(241_100, true),
      saved_kwh: 171_200,
      saved_eur: 32_528,
      eur_per_kwh: 0.19,
      price_source: 'contrat 2026 de la métropole (exemple)',
    },
    under_floor: ['Rue Lamartine', 'Rue des Clématites', 'Avenue du Mail'].map((name, k) =>
      street(name, k, k ? 'P3' : 'M4'),
    ),
    under_floor_lights: 87,
    under_floor_streets: 3,
    held_up: 12,
  }
}

const SENTENCES = [
  ['metropolis', 'Le programme de la métropole demande 60 % depuis 22:30.', false],
  ['commune', 'Le calendrier de Chenôve demande l’extinction de 23:30 à 05:00.', true],
  ['stored', 'Le coffret garde la version 12, celle qui est voulue.', false],
]

/** The fake trade's answers; acts only change states. */
export class FakeLighting {
  constructor() {
    this.programmes = contents().map((one, k) => ({
      content: one,
      inForce: k === 1 ? null : brief(`${one.key}-1`, 1, 'published', 'Sacha Morel', 240),
      open: k === 1 ? brief('chenove-2', 2, 'proposed', 'Camille Roux', 1) : null,
    }))
  }

  row({ content: { key, names, layer, priority, scope }, inForce, open }) {
    const lights = layer === 'metropolis' ? 34_000 : layer === 'commune' ? 1052 : 64
    const stored = inForce && {
      gateways: 700,
      stored: layer === 'metropolis' ? 641 : 700,
      since: iso(Date.now() - 0.2 * HOUR),
    }
    const communes = scope.communes ?? (layer === 'metropolis' ? ['21231', '21166'] : ['21231'])
    return {
      key,
      names,
      layer,
      priority,
      scope,
      communes,
      lights,
      in_force: inForce,
      open,
      next_night: tonight(),
      tonight: inForce !== null,
      stored,
    }
  }

  may({ open }, me) {
    if (open?.state === 'draft') return ['draft', 'propose', 'withdraw']
    if (open?.state === 'proposed') return open.by === me ? ['withdraw'] : ['publish', 'reject', 'withdraw']
    return ['draft', 'withdraw']
  }

  version(id, me) {
    const one = this.programmes.find(({ inForce, open }) => inForce?.id === id || open?.id === id)
    const found = one.open?.id === id ? one.open : one.inForce
    return {
      ...found,
      key: one.content.key,
      content: one.content,
      drafted_by: found.by,
      proposed_by: found.by,
      reason: 'Le conseil municipal a voté la coupure.',
      communes: ['21166'],
      lights: 1052,
      may: this.may(one, me),
    }
  }

  read([what, id, part], query, me) {
    if (what === 'programmes' && !id) return { programmes: this.programmes.map((one) => this.row(one)) }
    if (what === 'programmes') {
      const one = this.programmes.find(({ content: { key } }) => key === id)
      return { ...this.row(one), versions: [one.open, one.inForce].filter(Boolean), may: this.may(one, me) }
    }
    if (what === 'why')
      return {
        at: iso(Date.now()),
        night: tonight(),
        level_pct: 0,
        reported_pct: 0,
        programme: 'chenove',
        sentences: SENTENCES.map(([layer, key, wins]) => ({ layer, key, values: {}, wins })),
      }
    if (part === 'gateways') return { gateways: 700, stored: 641, behind: [] }
    if (part === 'preview') return preview(query.get('night') ?? tonight())
    if (part === 'diff')
      return {
        against: brief('x', 1, 'published', 'x', 1),
        lines: [
          { path: 'rules.0.profile.off_hours.0', before: null, after: { from: '23:30', until: '05:00' } },
          { path: 'rules.0.profile.level_pct', before: 80, after: 100 },
        ],
        lights_added: 0,
        lights_removed: 0,
        lights: 1052,
        nights: 150,
        segments: 2,
        kwh: -171_200,
        eur: -32_528,
      }
    return this.version(id, me)
  }

  act({ key, payload }, me) {
    const one = this.programmes.find(({ open }) => open && open.id === payload.id) ?? this.programmes[1]
    if (key.endsWith('draft_programme')) {
      const number = (one.inForce?.number ?? 0) + 1
      one.open = { ...brief(`${payload.content.key}-${number}`, number, 'draft', me, 0) }
      one.content = payload.content
    } else if (key.endsWith('propose_programme')) one.open.state = 'proposed'
    else if (key.endsWith('publish_programme'))
      [one.inForce, one.open] = [{ ...one.open, state: 'published' }, null]
    else one.open = null
    return one.open ?? one.inForce ?? {}
  }

  preview({ night }) {
    return preview(night ?? tonight())
  }
}
