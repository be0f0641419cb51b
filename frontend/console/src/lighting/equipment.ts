/** What of a light's equipment can be changed by hand, and how its values read. */
import type { Scalar } from '../api/contract'
import { twins } from '../twins/twins.svelte'
import { formatValue, named, t } from '../words.svelte'
import { LIGHT } from './columns'

export const EDITABLE = [
  'luminaire',
  'luminaire_model',
  'lamp_type',
  'rated_power_w',
  'installed_year',
  'mounting_height_m',
]

export function shapeOf(key: string) {
  return twins.typeOf(LIGHT)?.type.attributes.find((attribute) => attribute.key === key) ?? null
}

export function wordOf(key: string): string {
  return named('lighting', LIGHT, key)
}

export function valueText(key: string, value: Scalar): string {
  const shape = shapeOf(key)
  if (value === null || !shape) return value === null ? t('lighting.change.none') : String(value)
  // A year is a name, not an amount: no space among its digits.
  return key.endsWith('_year') ? String(value) : formatValue(value, shape, 'lighting')
}
