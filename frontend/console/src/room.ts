/** Opens the room after sign-in: loads the city, follows the live link, hands news to the stores. */
import { cards } from './alarms/cards.svelte'
import { figures } from './alarms/figures.svelte'
import { alarmList } from './alarms/list.svelte'
import { sounding } from './alarms/sounding.svelte'
import type { LiveMessage } from './api/contract'
import { LiveLink } from './api/live'
import { post, sessionEnd } from './api/requests'
import { clock } from './clock.svelte'
import { commands } from './commands/commands.svelte'
import { desk } from './focus.svelte'
import { link, PUNCTUAL } from './link.svelte'
import { live } from './live'
import { metrics } from './metrics'
import { route } from './route.svelte'
import { focused } from './panel/focused.svelte'
import { preferences } from './preferences.svelte'
import { session } from './session.svelte'
import { table } from './table/table.svelte'
import { city, twins } from './twins/twins.svelte'
import { words } from './words.svelte'

let socket: LiveLink | null = null
let holdsTimer: ReturnType<typeof setTimeout> | undefined

function receive(message: LiveMessage): void {
  live.tell(message)
  switch (message.kind) {
    case 'hello':
      clock.set(message.now)
      link.late = PUNCTUAL
      return
    case 'clock':
      clock.set(message.now)
      link.lagS = message.lag_s
      link.lastHeard = clock.exact()
      return
    case 'late':
      link.late = message
      return
    case 'link':
      link.gateway = message.gateway
      link.gatewaySince = message.since
      return
    case 'card':
      alarmList.refreshSoon()
      return cards.take(message.card)
    case 'room':
      if (message.part === 'alarms') cards.recountSoon()
      if (message.part === 'city') void twins.loadTables()
      return
    case 'command':
      return commands.take(message.command)
    case 'health':
      link.roles = message.roles
      return
    case 'twin':
      return focused.take(message.twin)
    case 'resync':
      void reload()
      return
    case 'locked':
      session.locked = true
      return
    case 'unlocked':
      session.locked = false
      return
    case 'signed_out':
      leave()
  }
}

/** What the live link does not repeat by itself after a gap. */
async function reload(): Promise<void> {
  await Promise.all([cards.load(), commands.load(), twins.loadHolds(), twins.loadTables()])
}

function reloadHoldsSoon(): void {
  holdsTimer ??= setTimeout(() => {
    holdsTimer = undefined
    void twins.loadHolds()
  }, 1500)
}

function follow(): void {
  let opened = 0
  socket = new LiveLink({
    onMessage: receive,
    onFrame: (frame, decodeMs) => {
      metrics.frames++
      metrics.liveMs ??= performance.now()
      twins.apply(frame, decodeMs)
    },
    onLink: (state) => {
      if (state === 'open') {
        if (opened++ > 0) receive({ kind: 'resync' })
      } else link.state = state === 'heard' ? 'live' : 'silent'
      // Who was locked out or signed out in the meantime gets no socket: only an answer tells.
      if (state === 'silent') void session.refresh()
    },
  })
  live.follow(socket)
  live.watch({ types: twins.liveTypes() })
  socket.start()
}

/** Everything an operator needs to start, in the order it is needed. */
export async function enter(): Promise<void> {
  metrics.wholeMs = null
  const [bootstrap] = await Promise.all([post.bootstrap(), words.use(preferences.lang)])
  words.zone = bootstrap.city.timezone
  clock.set(bootstrap.now)
  clock.start()
  twins.describe(bootstrap)
  city.bootstrap = bootstrap
  route.start()
  metrics.bootMs = performance.now()
  commands.onSettled = reloadHoldsSoon
  sessionEnd.notify = leave
  sessionEnd.lock = () => (session.locked = true)
  await Promise.all([twins.loadPositions(), cards.load(), commands.load()])
  sounding.start()
  figures.start()
  follow()
  await Promise.all([twins.loadTables(), twins.loadHolds()])
  metrics.wholeMs = performance.now()
}

/** Back to the sign-in page; nothing of the former person stays on screen. */
export function leave(): void {
  sessionEnd.notify = () => {}
  socket?.stop()
  socket = null
  live.follow(null)
  clock.stop()
  route.stop()
  desk.reset()
  table.reset()
  twins.clear()
  sounding.stop()
  figures.stop()
  alarmList.reset()
  cards.clear()
  commands.byId = new Map()
  city.bootstrap = null
  link.state = 'starting'
  link.late = PUNCTUAL
  session.me = null
  session.locked = false
  void session.restore()
}
