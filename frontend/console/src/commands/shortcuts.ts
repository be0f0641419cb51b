/** Command buttons print their key; pressing the key presses the button that is on screen. */

export function clickShortcut(key: string): boolean {
  if (key.length !== 1) return false
  const button = document.querySelector<HTMLButtonElement>(
    `[data-shortcut="${CSS.escape(key.toLowerCase())}"]`,
  )
  button?.click()
  return button !== null
}
