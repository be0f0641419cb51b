/** Every request of the console to the post: same origin, JSON, one error shape. */
import type {
  Act,
  Bootstrap,
  Command,
  CommandBody,
  CommandTarget,
  DeadLetter,
  DemoAccount,
  DryRun,
  History,
  Hold,
  Me,
  Roles,
  Scalar,
  SearchHit,
  Twin,
  TwinTable,
} from './contract'

/** A refusal of the post: a catalogue key and its values, never a sentence. */
export class PostError extends Error {
  constructor(
    readonly status: number,
    readonly key: string,
    readonly values: Record<string, Scalar>,
    readonly body: unknown,
  ) {
    super(key)
  }
}

const FALLBACK_KEYS: Record<number, string> = {
  401: 'error.signed_out',
  403: 'error.not_allowed',
  404: 'error.not_found',
  409: 'error.conflict',
  413: 'error.too_large',
  423: 'error.locked',
  429: 'error.too_often',
}

async function failure(response: Response): Promise<PostError> {
  const body: unknown = await response.json().catch(() => null)
  const error = (body as { error?: { key?: string; values?: Record<string, Scalar> } } | null)?.error
  const key = error?.key ?? FALLBACK_KEYS[response.status] ?? 'error.server'
  return new PostError(response.status, key, error?.values ?? {}, body)
}

/** Where 401 says that a proof was wrong, not that nobody is signed in. */
const PROOFS = ['/api/session', '/api/session/unlock']

/** Called when the post no longer knows our session, whatever was asked. */
export const sessionEnd = { notify: () => {}, lock: () => {} }

/** Raises PostError; tells the room when the session is over or locked. */
export async function call(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Response> {
  const headers: Record<string, string> = {}
  if (method !== 'GET') headers['X-Ondijon'] = '1'
  if (body !== undefined && !(body instanceof FormData)) headers['Content-Type'] = 'application/json'
  const init: RequestInit = { method, headers, credentials: 'same-origin' }
  if (body !== undefined) init.body = body instanceof FormData ? body : JSON.stringify(body)
  if (signal) init.signal = signal
  let response: Response
  try {
    response = await fetch(path, init)
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new PostError(0, 'error.unreachable', {}, null)
  }
  if (response.ok) return response
  if (response.status === 401 && !PROOFS.includes(path)) sessionEnd.notify()
  if (response.status === 423) sessionEnd.lock()
  throw await failure(response)
}

/** Sends one file; the post decides what it keeps of it. */
export async function upload<T>(path: string, file: File): Promise<T> {
  const form = new FormData()
  form.set('file', file)
  const response = await call('POST', path, form)
  return (await response.json()) as T
}

async function json<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await call(method, path, body, signal)
  return (await response.json()) as T
}

const q = encodeURIComponent
const RETRY_MS = [300, 1500]

/** Asks for what a part shows; `path` starts with `/api/`. */
export function fetchJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return json<T>('GET', path, undefined, signal)
}

/** Asks a question that is too long for an address; changes nothing. */
export function sendJson<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return json<T>('POST', path, body, signal)
}

/**
 * Asks the post for an act; refusals are a PostError (409 `error.changed_meanwhile` names who was first).
 * One call is one intent with one idempotency key: an answer lost on the way is asked for again, never done twice.
 */
export async function act<T = null>(key: string, payload: Record<string, unknown>): Promise<T> {
  const body = { key, payload, idempotency_key: crypto.randomUUID() }
  for (const waitMs of [...RETRY_MS, null]) {
    try {
      return (await json<{ result: T }>('POST', '/api/acts', body)).result
    } catch (error) {
      if (waitMs === null || !(error instanceof PostError) || error.status !== 0) throw error
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }
  throw new PostError(0, 'error.unreachable', {}, null)
}

export const post = {
  me: () => json<Me>('GET', '/api/session'),
  signIn: (username: string, password: string) => json<Me>('POST', '/api/session', { username, password }),
  unlock: (password: string) => json<Me>('POST', '/api/session/unlock', { password }),
  lock: () => call('POST', '/api/session/lock'),
  noteInput: () => call('POST', '/api/session/input'),
  signOut: () => call('DELETE', '/api/session'),
  signOutEverywhere: () => call('DELETE', '/api/sessions'),
  bootstrap: () => json<Bootstrap>('GET', '/api/bootstrap'),
  strings: (lang: string) => json<Record<string, string>>('GET', `/api/strings/${lang}`),
  positions: async (type: string) => (await call('GET', `/api/twins/${q(type)}/positions`)).arrayBuffer(),
  table: (type: string) => json<TwinTable>('GET', `/api/twins/${q(type)}/table`),
  twin: (urn: string) => json<Twin>('GET', `/api/twin/${q(urn)}`),
  history: (urn: string, property: string, from: Date, to: Date) =>
    json<History>(
      'GET',
      `/api/twin/${q(urn)}/history?property=${q(property)}&from=${q(from.toISOString())}` +
        `&to=${q(to.toISOString())}&max_points=2000`,
    ),
  acts: (urn: string) => json<Act[]>('GET', `/api/twin/${q(urn)}/acts`),
  search: (text: string, signal?: AbortSignal) =>
    json<SearchHit[]>('GET', `/api/search?q=${q(text)}&limit=20`, undefined, signal),
  dryRun: (body: CommandBody, signal?: AbortSignal) =>
    json<DryRun>('POST', '/api/commands/dry-run', body, signal),
  submit: (body: CommandBody) => json<Command>('POST', '/api/commands', body),
  commands: () => json<Command[]>('GET', '/api/commands'),
  targets: (id: string, state?: string) =>
    json<CommandTarget[]>('GET', `/api/commands/${q(id)}/targets?limit=200${state ? `&state=${state}` : ''}`),
  approve: (id: string) => json<Command>('POST', `/api/commands/${q(id)}/approve`, {}),
  reject: (id: string, reason: string) => json<Command>('POST', `/api/commands/${q(id)}/reject`, { reason }),
  undo: (id: string, reason: string) =>
    json<Command>('POST', `/api/commands/${q(id)}/undo`, { reason, idempotency_key: crypto.randomUUID() }),
  holds: () => json<Hold[]>('GET', '/api/holds'),
  deadLetters: () => json<DeadLetter[]>('GET', '/api/dead-letters?limit=50'),
  replay: (id: string | number) => call('POST', `/api/dead-letters/${q(String(id))}/replay`, {}),
  health: async (): Promise<Roles> => {
    const response = await fetch('/healthz')
    return ((await response.json()) as { roles: Roles }).roles
  },
}

/** The demo accounts that the post offers to a person who has no session, if any. */
export function demoAccounts(error: unknown): DemoAccount[] {
  if (!(error instanceof PostError)) return []
  return (error.body as { demo_accounts?: DemoAccount[] } | null)?.demo_accounts ?? []
}
