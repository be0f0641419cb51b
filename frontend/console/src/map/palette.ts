/** The map's colours in each theme; the rest of the console takes its own from theme.css. */
import type { Theme } from '../preferences.svelte'

export type Rgb = [number, number, number]
export type MapPalette = {
  outside: string
  ground: string
  built: string
  wood: string
  water: string
  street: string
  streetMajor: string
  streetMotorway: string
  path: string
  rail: string
  tram: string
  border: string
  metropolis: string
  text: string
  textStrong: string
  halo: string
  area: string
  /** A light that is off, a light fully lit, a light whose value is old. */
  lampOff: Rgb
  lampLit: Rgb
  lampStale: Rgb
  picked: Rgb
  symbol: string
  symbolFill: string
  ring: string
  priority: [string, string, string, string]
  priorityInk: string
  priorityEdge: string
}

const DARK: MapPalette = {
  outside: '#090b0e',
  ground: '#101419',
  built: '#141920',
  wood: '#111916',
  water: '#10202d',
  street: '#222a33',
  streetMajor: '#2e3843',
  streetMotorway: '#3b4856',
  path: '#1b2128',
  rail: '#2c323a',
  tram: '#303b4a',
  border: '#2b343f',
  metropolis: '#46535f',
  text: '#8b97a4',
  textStrong: '#b9c3cd',
  halo: '#0d1115',
  area: '#cfe0f0',
  lampOff: [0.3, 0.34, 0.39],
  lampLit: [0.86, 0.82, 0.74],
  lampStale: [0.36, 0.38, 0.43],
  picked: [0.68, 0.87, 1],
  symbol: '#8f9ba8',
  symbolFill: '#141a20',
  ring: '#e9f2fb',
  priority: ['#ff5b5b', '#ffa526', '#f3d648', '#9fb0c2'],
  priorityInk: '#14080a',
  priorityEdge: '#0b0d10',
}

const LIGHT: MapPalette = {
  outside: '#dfe3e7',
  ground: '#eef1f3',
  built: '#e5e9ec',
  wood: '#e0e8dc',
  water: '#cfdfea',
  street: '#f9fbfc',
  streetMajor: '#ffffff',
  streetMotorway: '#ccd4db',
  path: '#f1f4f5',
  rail: '#c3c9cf',
  tram: '#b4c3d2',
  border: '#c6cdd4',
  metropolis: '#98a4af',
  text: '#66727e',
  textStrong: '#3d4852',
  halo: '#f6f7f8',
  area: '#0b4f86',
  lampOff: [0.7, 0.73, 0.76],
  lampLit: [0.36, 0.37, 0.38],
  lampStale: [0.78, 0.8, 0.83],
  picked: [0.07, 0.24, 0.4],
  symbol: '#6b7783',
  symbolFill: '#f7f8f9',
  ring: '#10202e',
  priority: ['#c4001d', '#b45a00', '#8a7600', '#5a6a7a'],
  priorityInk: '#ffffff',
  priorityEdge: '#ffffff',
}

export function paletteOf(theme: Theme): MapPalette {
  return theme === 'dark' ? DARK : LIGHT
}
