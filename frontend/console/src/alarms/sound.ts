/** One short sound for P1 and one for P2, made on the spot. */
import type { Priority } from '../api/contract'

const NOTES: Partial<Record<Priority, number[]>> = { 1: [880, 660, 880], 2: [520] }

export function hasSound(priority: Priority): boolean {
  return priority in NOTES
}

export function play(context: AudioContext, priority: Priority): void {
  const at = context.currentTime
  NOTES[priority]?.forEach((pitch, k) => playNote(context, pitch, at + k * 0.18))
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
