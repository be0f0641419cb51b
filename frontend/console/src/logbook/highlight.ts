/** Which words of a line answer a question: the post finds by stems, so endings and accents do not count here either. */

export type Piece = { text: string; hit: boolean }

/** Small letters without accents. */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('œ', 'oe')
    .replaceAll('æ', 'ae')
}

/** A word without its usual French ending: about what the post's stems are. */
function rootOf(word: string): string {
  const folded = fold(word)
  if (folded.length < 4) return folded
  return folded.replace(/(ements?|ments?|ees|ee|es|e|s|x)$/, '')
}

function wantedOf(question: string): Set<string> {
  const asked = question.replace(/(^|\s)-("[^"]*"?|\S+)/g, ' ')
  return new Set(
    (asked.match(/[\p{L}\p{N}]+/gu) ?? []).map(rootOf).filter((root) => root.length > 1 || /\d/.test(root)),
  )
}

export function highlight(text: string, question: string): Piece[] {
  const wanted = wantedOf(question)
  if (wanted.size === 0) return [{ text, hit: false }]
  return text
    .split(/([\p{L}\p{N}]+)/u)
    .map((piece, at) => ({ text: piece, hit: at % 2 === 1 && wanted.has(rootOf(piece)) }))
    .filter((piece) => piece.text !== '')
}
