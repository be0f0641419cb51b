/** Buttons print their key; pressing the key presses the button that is on screen. */

/** Where two views print the same key: first where the keyboard is, then the right column, then anywhere. */
export function clickShortcut(key: string): boolean {
  if (key.length !== 1) return false
  const wanted = `[data-shortcut="${CSS.escape(key.toLowerCase())}"]:not([disabled])`
  const places = [document.activeElement?.closest('aside, main'), document.getElementById('detail'), document]
  for (const place of places) {
    const button = place?.querySelector<HTMLButtonElement>(wanted)
    if (!button) continue
    button.click()
    return true
  }
  return false
}
