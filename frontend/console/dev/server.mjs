/**
 * Test harness of the console only: a fake post behind the port of docs/console-api.md, with generated data.
 * It serves the built console too, under the strict policy the real post uses. Usage: node dev/server.mjs [port]
 * Extra routes for tests: POST /dev/silence?s=5 (no message for s seconds), POST /dev/alarm?priority=1,
 * POST /dev/storm?n=5000, POST /dev/full.
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { dirname, extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WebSocketServer } from 'ws'
import { buildCity, randomFrom } from './city.mjs'
import { buildField, drift, frameOf } from './field.mjs'
import { FakePost } from './post.mjs'
import { DEMO, makeRoutes, PEOPLE } from './routes.mjs'

const STATIC = join(dirname(fileURLToPath(import.meta.url)), '../../../src/ondijon/apps/console/static')
const KINDS = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
}
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const city = buildCity()
const sets = buildField(city)
const post = new FakePost(city, sets)
const routes = makeRoutes(city, sets, post)
const sessions = new Map()
const sockets = new Set()
let silentUntil = 0

const meOf = (request) => sessions.get(/ondijon_session=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1])

function reply(response, { status, body, bytes }, headers = {}) {
  const content = bytes ?? JSON.stringify(body ?? null)
  response.writeHead(status, {
    'Content-Type': bytes ? 'application/octet-stream' : 'application/json',
    ...headers,
  })
  response.end(content)
}

async function bodyOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return chunks.length ? JSON.parse(Buffer.concat(chunks).toString()) : {}
}

async function serveSession(request, response) {
  const me = meOf(request)
  if (request.method === 'GET') {
    return me
      ? reply(response, { status: 200, body: me })
      : reply(response, { status: 401, body: { demo_accounts: DEMO } })
  }
  if (request.method === 'DELETE') {
    for (const [id, person] of sessions) if (person === me) sessions.delete(id)
    return reply(response, { status: 200, body: {} })
  }
  const { username, password } = await bodyOf(request)
  const person = PEOPLE[username]
  if (!person || password !== `${username}-demo`) {
    return reply(response, { status: 401, body: { error: { key: 'error.wrong_password', values: {} } } })
  }
  const id = randomUUID()
  sessions.set(id, { ...person, username })
  reply(
    response,
    { status: 200, body: sessions.get(id) },
    { 'Set-Cookie': `ondijon_session=${id}; HttpOnly; SameSite=Strict; Path=/` },
  )
}

function serveDev(url, response) {
  if (url.pathname === '/dev/silence') silentUntil = Date.now() + 1000 * Number(url.searchParams.get('s'))
  if (url.pathname === '/dev/alarm')
    post.raise(
      'lighting.cabinet_lost',
      1,
      Math.floor(Math.random() * 680),
      Number(url.searchParams.get('priority')),
    )
  if (url.pathname === '/dev/storm') {
    for (let k = 0; k < Number(url.searchParams.get('n')); k++) post.raise('lighting.lamp_out', 0, k * 6, 4)
  }
  if (url.pathname === '/dev/full') for (const socket of sockets) sendFull(socket)
  reply(response, { status: 200, body: {} })
}

async function serveFile(url, response) {
  const path = normalize(url.pathname === '/' ? '/index.html' : url.pathname)
  try {
    const content = await readFile(join(STATIC, path))
    response.writeHead(200, {
      'Content-Type': KINDS[extname(path)] ?? 'application/octet-stream',
      'Content-Security-Policy': POLICY,
    })
    response.end(content)
  } catch {
    reply(response, { status: 404, body: { error: { key: 'error.not_found', values: {} } } })
  }
}

async function serve(request, response) {
  const url = new URL(request.url, 'http://localhost')
  if (url.pathname === '/api/session' || url.pathname === '/api/sessions')
    return serveSession(request, response)
  if (url.pathname.startsWith('/dev/')) return serveDev(url, response)
  if (url.pathname === '/healthz')
    return reply(response, { status: 200, body: { status: 'ready', roles: rolesNow() } })
  if (!url.pathname.startsWith('/api/')) return serveFile(url, response)
  const me = meOf(request)
  if (!me && !url.pathname.startsWith('/api/strings/'))
    return reply(response, { status: 401, body: { error: { key: 'error.signed_out', values: {} } } })
  const parts = url.pathname.slice(5).split('/').map(decodeURIComponent)
  if (request.method === 'GET') return reply(response, routes.read(parts, url.searchParams, me))
  if (request.headers['x-ondijon'] !== '1')
    return reply(response, { status: 403, body: { error: { key: 'error.not_allowed', values: {} } } })
  reply(response, routes.write(parts, await bodyOf(request), me))
}

const rolesNow = () =>
  Object.fromEntries(
    ['gateway', 'core', 'web', 'simulator'].map((role) => [role, { state: 'ready', age_s: 0.4 }]),
  )

function send(socket, message) {
  if (Date.now() > silentUntil) socket.send(Buffer.isBuffer(message) ? message : JSON.stringify(message))
}

function sendFull(socket) {
  sets.forEach((twinSet, k) => {
    if (!socket.watch.types.includes(twinSet.type.key)) return
    for (const key of Object.keys(twinSet.columns))
      send(
        socket,
        frameOf(
          sets,
          k,
          key,
          twinSet.items.map((_, i) => i),
          true,
        ),
      )
  })
}

function onSocket(socket) {
  socket.watch = { types: [], twin: null }
  sockets.add(socket)
  send(socket, { kind: 'hello', now: new Date().toISOString(), frame_ms: 200 })
  send(socket, { kind: 'health', roles: rolesNow() })
  socket.on('message', (text) => {
    const before = socket.watch.types.join()
    socket.watch = JSON.parse(text).watch
    if (socket.watch.types.join() !== before) sendFull(socket)
  })
  socket.on('close', () => sockets.delete(socket))
}

const random = randomFrom(5)
function tick() {
  drift(sets, random)
  sets.forEach((twinSet, k) => {
    for (const [key, column] of Object.entries(twinSet.columns)) {
      if (column.changed.size === 0) continue
      const frame = frameOf(sets, k, key, [...column.changed], false)
      column.changed.clear()
      for (const socket of sockets) if (socket.watch.types.includes(twinSet.type.key)) send(socket, frame)
    }
  })
}

function everySecond() {
  for (const socket of sockets) {
    send(socket, { kind: 'clock', now: new Date().toISOString(), lag_s: 0.2 })
    if (socket.watch.twin) send(socket, { kind: 'twin', twin: routes.twin(socket.watch.twin) })
  }
}

post.listeners.add((message) => {
  for (const socket of sockets) send(socket, message)
})
const server = createServer((request, response) => {
  serve(request, response).catch((error) => {
    console.error(error)
    reply(response, { status: 500, body: { error: { key: 'error.server', values: {} } } })
  })
})
const live = new WebSocketServer({ noServer: true })
server.on('upgrade', (request, socket, head) => {
  if (request.url !== '/api/live' || !meOf(request)) return socket.destroy()
  live.handleUpgrade(request, socket, head, onSocket)
})
setInterval(tick, 200)
setInterval(everySecond, 1000)
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}`),
)
