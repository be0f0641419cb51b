/** About when the sun sets and rises, for drawings only; what is stored and previewed comes from the post. */
import type { Sun } from './contract'
import { DAY_MIN, type SunTimes } from './night'
import { localOf } from '../zone'

const RAD = Math.PI / 180
const ELEVATION: Record<Sun, number> = { sunset: -0.833, sunrise: -0.833, dusk: -6, dawn: -6 }
const J2000_DAY = 10_957.5

/** The instant of a crossing on a day of the Greenwich calendar, after the low-precision formulas of the Astronomical Almanac. */
function crossingMs(day: string, lon: number, lat: number, elevation: number, sign: 1 | -1): number {
  const noon = Date.parse(`${day}T12:00:00Z`) / 86_400_000 - lon / 360
  const n = noon - J2000_DAY
  const g = (357.528 + 0.9856003 * n) * RAD
  const longitude = (280.46 + 0.9856474 * n + 1.915 * Math.sin(g) + 0.02 * Math.sin(2 * g)) * RAD
  const tilt = 23.439 * RAD
  const declination = Math.asin(Math.sin(tilt) * Math.sin(longitude))
  const ascension = Math.atan2(Math.cos(tilt) * Math.sin(longitude), Math.cos(longitude)) / RAD
  const equation = ((280.46 + 0.9856474 * n - ascension + 180) % 360) - 180
  const cosine =
    (Math.sin(elevation * RAD) - Math.sin(lat * RAD) * Math.sin(declination)) /
    (Math.cos(lat * RAD) * Math.cos(declination))
  const angle = Math.acos(Math.max(-1, Math.min(1, cosine))) / RAD
  return (noon + (sign * angle - equation) / 360) * 86_400_000
}

function minuteOf(epochMs: number, zone: string): number {
  const [hours = 0, minutes = 0] = localOf(epochMs, zone).slice(11).split(':').map(Number)
  return (hours * 60 + minutes + DAY_MIN / 2) % DAY_MIN
}

/** Minutes from noon by the city's clocks, of one night at a place. */
export function sunTimes(night: string, lon: number, lat: number, zone: string): SunTimes {
  const morning = new Date(Date.parse(`${night}T12:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
  const of = (sun: Sun, day: string, sign: 1 | -1) =>
    minuteOf(crossingMs(day, lon, lat, ELEVATION[sun], sign), zone)
  return {
    sunset: of('sunset', night, 1),
    dusk: of('dusk', night, 1),
    sunrise: of('sunrise', morning, -1),
    dawn: of('dawn', morning, -1),
  }
}
