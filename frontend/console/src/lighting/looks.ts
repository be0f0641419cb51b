/** The colours of the map's modes: blues and greens only, so that red, orange and yellow stay for faults. */
import type { Rgb } from '../map/palette'
import { BINS, type Look } from '../map/points_layer'
import type { Theme } from '../preferences.svelte'
import type { Bin } from './bins'

/** Lightness grows along the ramp on dark ground and falls on light ground: read without any hue. */
const RAMP = {
  dark: ['#5a55a8', '#4d7cc9', '#3ba3d0', '#45c3bd', '#8be0bb', '#e2fbe0'],
  light: ['#6fb1c9', '#4a95c0', '#2f77b1', '#27589b', '#243c7e', '#1d1f55'],
}
/** After Okabe and Ito, without vermilion, orange and yellow. */
const HUES = {
  dark: ['#56b4e9', '#3fc79a', '#d99ac4', '#9a96f5', '#bfe4fb', '#a5e8cd', '#f0d0e2', '#8f9aa6'],
  light: ['#0072b2', '#00805d', '#a8467f', '#4a45b5', '#3f86ad', '#3d8f75', '#a9698f', '#6b7580'],
}
const UNKNOWN = { dark: '#66707b', light: '#98a1aa' }

function parse(hex: string): Rgb {
  const n = parseInt(hex.slice(1), 16)
  return [(n >> 16) / 255, ((n >> 8) & 255) / 255, (n & 255) / 255]
}

function colorOf({ shade, hue }: Bin, theme: Theme): Rgb {
  if (hue !== undefined) return parse(HUES[theme][hue]!)
  if (shade === undefined) return parse(UNKNOWN[theme])
  const ramp = RAMP[theme]
  const at = shade * (ramp.length - 1)
  const low = Math.min(Math.floor(at), ramp.length - 2)
  const [a, b] = [parse(ramp[low]!), parse(ramp[low + 1]!)]
  return [0, 1, 2].map((k) => a[k]! + (b[k]! - a[k]!) * (at - low)) as Rgb
}

export function lookOf(bins: Bin[], theme: Theme): Look {
  const all = Array.from({ length: BINS }, (_, k) => bins[k] ?? bins[0]!)
  return { colors: all.map((bin) => colorOf(bin, theme)), shapes: all.map(({ shape }) => shape) }
}

export function cssColor(bin: Bin, theme: Theme): string {
  return `rgb(${colorOf(bin, theme)
    .map((part) => Math.round(part * 255))
    .join(' ')})`
}
