/** A document of the post is kept as a file; a refusal is told in words instead of shown as a page. */
import { PostError } from '../api/requests'

export async function download(path: string, name: string): Promise<void> {
  let response: Response
  try {
    response = await fetch(path, { credentials: 'same-origin' })
  } catch {
    throw new PostError(0, 'error.unreachable', {}, null)
  }
  if (!response.ok) {
    const body = (await response.json().catch(() => null)) as Refusal | null
    throw new PostError(response.status, body?.error?.key ?? 'error.server', body?.error?.values ?? {}, body)
  }
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  ;[link.href, link.download] = [url, name]
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

type Refusal = { error?: { key?: string; values?: Record<string, string | number> } }
