/** A card for tests. */
import type { Card } from '../../api/contract'

export function cardOf(id: string, more: Partial<Card> = {}): Card {
  return {
    id,
    kind: 'single',
    type: 'lighting.lamp_out',
    trade: 'lighting',
    priority: 2,
    twin: 'urn:x',
    twin_type: 'Streetlight',
    twin_name: 'x',
    element: null,
    communes: ['21231'],
    street: null,
    lon: 5,
    lat: 47,
    members: 1,
    active: 1,
    expected: 1,
    unacknowledged: 1,
    explanation: null,
    first: null,
    raised_at: '2026-01-01T03:00Z',
    cleared_at: null,
    acknowledged_at: null,
    acknowledged_by: null,
    shelved: null,
    incident: null,
    stale: false,
    latched: false,
    times_raised: 1,
    response_s: null,
    evidence: {},
    version: 1,
    ...more,
  }
}
