/** Test harness of the console only: the manifest and words that the fake post serves. */

const property = (key, kind, unit, more = {}) => ({
  key, kind, unit, choices: [], live: true, chart: kind === 'number', stale_after_s: 900, ...more,
})
const attribute = (key, kind, unit = null, choices = []) => ({ key, kind, unit, choices })
const HEALTH = property('health', 'number', null, { chart: false, stale_after_s: null })

export const trades = [
  {
    trade: 'lighting',
    twin_types: [
      {
        key: 'Streetlight', symbol: 'light', map: 'point', min_zoom: 0,
        properties: [
          property('level_pct', 'number', '%'),
          property('power_w', 'number', 'W'),
          HEALTH,
          property('temperature_c', 'number', '°C', { live: false }),
          property('burning_h', 'number', 'h', { live: false, chart: false }),
          property('lamp_on', 'boolean', null, { live: false, chart: false }),
        ],
        attributes: [attribute('lamp_class', 'choice', null, ['led', 'sodium']), attribute('nominal_w', 'number', 'W')],
        table_columns: ['level_pct', 'power_w', 'health', 'lamp_class'],
        fault_property: 'health', level_property: 'level_pct',
      },
      {
        key: 'StreetlightControlCabinet', symbol: 'cabinet', map: 'symbol', min_zoom: 13,
        properties: [
          property('supply_on', 'boolean', null, { chart: false }),
          property('power_w', 'number', 'W'),
          property('programme_version', 'number', null, { live: false, chart: false }),
          HEALTH,
        ],
        attributes: [attribute('supply', 'choice', null, ['permanent', 'switched'])],
        table_columns: ['power_w', 'health', 'supply'],
        fault_property: 'health', level_property: null,
      },
    ],
    commands: [
      {
        key: 'lighting.dim_streetlights', twin_types: ['Streetlight'], label: '', risk_class: 0, shortcut: 'd',
        fields: [
          { key: 'level_pct', kind: 'number', unit: '%', min: 0, max: 100, step: 5, default: 60, choices: [] },
          { key: 'hold_s', kind: 'duration', unit: 's', min: 300, max: 86400, step: 300, default: 3600, choices: [], optional: true },
        ],
      },
      {
        key: 'lighting.switch_streetlights', twin_types: ['Streetlight'], label: '', risk_class: 0, shortcut: 's',
        fields: [
          { key: 'power', kind: 'choice', unit: null, min: null, max: null, step: null, default: 'on', choices: ['on', 'off'] },
          { key: 'hold_s', kind: 'duration', unit: 's', min: 300, max: 86400, step: 300, default: 3600, choices: [], optional: true },
        ],
      },
      { key: 'lighting.release_streetlights', twin_types: ['Streetlight'], label: '', risk_class: 0, shortcut: 'l', fields: [] },
    ],
    alarms: [
      { key: 'lighting.cabinet_lost', twin_type: 'StreetlightControlCabinet', priority: 2, response_s: 1800 },
      { key: 'lighting.lamp_out', twin_type: 'Streetlight', priority: 4, response_s: 259200 },
      { key: 'lighting.day_burner', twin_type: 'Streetlight', priority: 3, response_s: 86400 },
      { key: 'lighting.street_dark', twin_type: 'Streetlight', priority: 1, response_s: 600 },
    ],
  },
  {
    trade: 'platform',
    twin_types: [
      {
        key: 'Service', symbol: 'service', map: 'none', min_zoom: 0,
        properties: [property('up', 'boolean', null, { chart: false }), property('lag_ms', 'number', 'ms')],
        attributes: [], table_columns: ['up', 'lag_ms'], fault_property: null, level_property: null,
      },
    ],
    commands: [],
    alarms: [],
  },
]

const PAIRS = {
  'lighting.type.Streetlight': ['Point lumineux', 'Streetlight'],
  'lighting.type.StreetlightControlCabinet': ['Armoire d’éclairage', 'Lighting cabinet'],
  'platform.type.Service': ['Service', 'Service'],
  'lighting.property.Streetlight.level_pct': ['Niveau', 'Level'],
  'lighting.property.Streetlight.power_w': ['Puissance', 'Power'],
  'lighting.property.Streetlight.health': ['État', 'Health'],
  'lighting.property.Streetlight.temperature_c': ['Température du driver', 'Driver temperature'],
  'lighting.property.Streetlight.burning_h': ['Durée de marche', 'Burning hours'],
  'lighting.property.Streetlight.lamp_on': ['Lampe allumée', 'Lamp on'],
  'lighting.property.StreetlightControlCabinet.supply_on': ['Sous tension', 'Supply on'],
  'lighting.property.StreetlightControlCabinet.power_w': ['Puissance', 'Power'],
  'lighting.property.StreetlightControlCabinet.programme_version': ['Programme enregistré', 'Stored programme'],
  'lighting.property.StreetlightControlCabinet.health': ['État', 'Health'],
  'platform.property.Service.up': ['En marche', 'Up'],
  'platform.property.Service.lag_ms': ['Retard', 'Lag'],
  'lighting.attribute.Streetlight.lamp_class': ['Source', 'Source'],
  'lighting.attribute.Streetlight.nominal_w': ['Puissance nominale', 'Nominal power'],
  'lighting.attribute.StreetlightControlCabinet.supply': ['Alimentation', 'Supply'],
  'lighting.choice.health.ok': ['Normal', 'Normal'],
  'lighting.choice.health.p1': ['Défaut P1', 'Fault P1'],
  'lighting.choice.health.p2': ['Défaut P2', 'Fault P2'],
  'lighting.choice.health.p3': ['Défaut P3', 'Fault P3'],
  'lighting.choice.health.p4': ['Défaut P4', 'Fault P4'],
  'lighting.choice.lamp_class.led': ['LED', 'LED'],
  'lighting.choice.lamp_class.sodium': ['Sodium', 'Sodium'],
  'lighting.choice.supply.permanent': ['Permanente', 'Permanent'],
  'lighting.choice.supply.switched': ['Commutée', 'Switched'],
  'lighting.choice.power.on': ['Allumer', 'On'],
  'lighting.choice.power.off': ['Éteindre', 'Off'],
  'lighting.command.dim_streetlights': ['Faire varier', 'Dim'],
  'lighting.command.switch_streetlights': ['Allumer / éteindre', 'Switch on / off'],
  'lighting.command.release_streetlights': ['Rendre au programme', 'Release to programme'],
  'lighting.field.level_pct': ['Niveau', 'Level'],
  'lighting.field.hold_s': ['Maintenir pendant', 'Hold for'],
  'lighting.field.power': ['État voulu', 'Wanted state'],
  'lighting.refusal.below_legal_minimum': ['Sous le minimum réglementaire', 'Below the legal minimum'],
  'lighting.alarm.lamp_out': ['Lampe éteinte', 'Lamp out'],
  'lighting.alarm.lamp_out.cause': ['Niveau demandé non nul, puissance mesurée sous 5 W depuis 3 minutes.', 'Level asked above zero, measured power under 5 W for 3 minutes.'],
  'lighting.alarm.lamp_out.consequence': ['Un point sombre ; les points voisins éclairent encore.', 'One dark spot; neighbouring lights still work.'],
  'lighting.alarm.lamp_out.response': ['Inscrire au prochain passage de maintenance.', 'Add to the next maintenance round.'],
  'lighting.alarm.day_burner': ['Allumé en plein jour', 'Burning by day'],
  'lighting.alarm.cabinet_lost': ['Armoire sans tension', 'Cabinet without power'],
  'lighting.alarm.cabinet_lost.cause': ['L’armoire et ses 50 points ne répondent plus depuis la même seconde.', 'The cabinet and its 50 lights stopped answering in the same second.'],
  'lighting.alarm.cabinet_lost.consequence': ['Une rue entière sans éclairage.', 'A whole street without light.'],
  'lighting.alarm.cabinet_lost.response': ['Monter les rues voisines à 100 %, appeler l’astreinte.', 'Raise neighbouring streets to 100 %, call the crew on duty.'],
  'lighting.alarm.street_dark': ['Rue entière éteinte', 'Whole street dark'],
}

export const stringsOf = (lang) =>
  Object.fromEntries(Object.entries(PAIRS).map(([key, pair]) => [key, pair[lang === 'fr' ? 0 : 1]]))
