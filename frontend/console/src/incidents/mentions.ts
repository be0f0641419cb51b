/** People called by name in a comment: @username. */

/** The name being typed at the caret, and where its @ stands. */
export function mentionAt(text: string, caret: number): { from: number; text: string } | null {
  const match = /(?:^|\s)@([\p{L}\p{N}._-]*)$/u.exec(text.slice(0, caret))
  return match ? { from: caret - match[1]!.length - 1, text: match[1]! } : null
}

/** Those of the known people that the text names, once each. */
export function mentionsIn(text: string, known: string[]): string[] {
  const named = [...text.matchAll(/(?:^|\s)@([\p{L}\p{N}._-]+)/gu)].map((match) =>
    match[1]!.replace(/[.]+$/, ''),
  )
  return [...new Set(named)].filter((name) => known.includes(name))
}
