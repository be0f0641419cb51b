/** One short sound for P1 and one for P2, made on the spot; silent when the person chose so. */
import type { Priority } from '../api/contract'
import { preferences } from '../preferences.svelte'

const NOTES: Partial<Record<Priority, number[]>> = { 1: [880, 660, 880], 2: [520] }
let audio: AudioContext | null = null
let lastAt = -Infinity

export function soundAlarm(priority: Priority): void {
  const notes = NOTES[priority]
  const now = performance.now()
  if (!notes || !preferences.sound || now - lastAt < 1500) return
  lastAt = now
  audio ??= new AudioContext()
  const at = audio.currentTime
  notes.forEach((pitch, k) => playNote(audio!, pitch, at + k * 0.18))
}

function playNote(context: AudioContext, pitch: number, at: number): void {
  const tone = context.createOscillator()
  const volume = context.createGain()
  tone.frequency.value = pitch
  volume.gain.setValueAtTime(0.0001, at)
  volume.gain.exponentialRampToValueAtTime(0.12, at + 0.02)
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.16)
  tone.connect(volume).connect(context.destination)
  tone.start(at)
  tone.stop(at + 0.17)
}
