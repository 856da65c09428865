import { describe, expect, it } from 'vitest'
import type { Client, ConnectionState } from './api.ts'
import { backoff } from './backoff.ts'
import { type ConnectionEvent, moves } from './connection.ts'
import type { LinkDoor } from './links/link.ts'
import { createWorld } from './testing/world.ts'

const states = Object.keys(moves) as ConnectionState[]
const events = Object.keys(moves.idle) as ConnectionEvent[]

/** The states a client went through, from now on. */
function journey(client: Client): ConnectionState[] {
  const seen: ConnectionState[] = []
  client.on('status', ({ state }) => seen.push(state))
  return seen
}

/** Accepts a handshake and never says a word. */
const silent: LinkDoor = {
  name: 'silent',
  maxFrame: 1000,
  open: (_, listener) => {
    queueMicrotask(() => listener.opened())
    return { send: () => undefined, close: () => undefined, buffered: 0 }
  },
}

describe('the table of moves', () => {
  it('answers every event in every state', () => {
    for (const state of states) {
      expect(Object.keys(moves[state]).sort()).toEqual([...events].sort())
      for (const event of events) expect(states).toContain(moves[state][event])
    }
  })

  it('lets the owner leave every state', () => {
    for (const state of states) expect(moves[state].disconnect).toBe('idle')
  })

  it('leaves idle and ended by the owner’s word only', () => {
    for (const state of ['idle', 'ended'] as const) {
      const ways = events.filter((event) => moves[state][event] !== state)
      expect(ways.filter((way) => way !== 'connect' && way !== 'disconnect')).toEqual([])
      expect(moves[state].connect).toBe('connecting')
    }
  })

  it('comes online through connecting only, and ends wherever the session is refused', () => {
    for (const state of states) {
      const toOnline = events.filter((event) => moves[state][event] === 'online' && state !== 'online')
      expect(toOnline).toEqual(state === 'connecting' ? ['opened'] : [])
      expect(moves[state].refused).toBe(state === 'idle' ? 'idle' : 'ended')
    }
  })
})

describe('waiting between attempts', () => {
  it('doubles its ceiling from half a second up to thirty', () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 7, 8, 50].map((attempt) => backoff(attempt, () => 1))
    expect(ceilings).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  })

  it('spreads over everything below the ceiling', () => {
    expect(backoff(4, () => 0)).toBe(0)
    expect(backoff(4, () => 0.25)).toBe(1000)
  })

  it('tells the attempt and the time of the next one', async () => {
    const { server, clock, signIn } = createWorld()
    const ann = await signIn('ann')
    server.reachable = false
    void ann.connect()
    await clock.settle()
    expect(ann.status()).toEqual({ state: 'waiting', attempt: 1, retryAt: clock.now() + 250 })
    await clock.advance(250)
    expect(ann.status()).toEqual({ state: 'waiting', attempt: 2, retryAt: clock.now() + 500 })
    server.reachable = true
    await clock.advance(500)
    expect(ann.status()).toEqual({ state: 'online', attempt: 0 })
  })

  it('goes on waiting longer when the server throws it out right after letting it in', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    server.cut(1013)
    await clock.settle()
    expect(ann.status().retryAt).toBe(clock.now() + 250)
    await clock.advance(300)
    server.cut(1013)
    await clock.settle()
    expect(ann.status().retryAt).toBe(clock.now() + 500)
    await clock.advance(20_000)
    server.cut(1013)
    await clock.settle()
    expect(ann.status().retryAt).toBe(clock.now() + 250)
  })
})

describe('losing the link', () => {
  it.each([1006, 1008, 1012, 1013])('comes back after close code %i', async (code) => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    const seen = journey(ann)
    server.cut(code)
    await clock.advance(1000)
    expect(seen).toEqual(['waiting', 'connecting', 'online'])
  })

  it('does not come back after 4401', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    server.cut(4401)
    await clock.advance(120_000)
    expect(ann.status()).toMatchObject({ state: 'ended' })
    expect(server.handshakes).toBe(1)
  })

  it('does not come back after it was kicked, and tells why', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    const [socket] = server.sockets
    if (socket) server.tell(socket, 'kicked', { reason: 'login', platform_id: 5 })
    await clock.advance(120_000)
    expect(ann.status()).toMatchObject({ state: 'ended', reason: 'login' })
    expect(server.handshakes).toBe(1)
  })

  it('notices a link on which nobody answers any more', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    const seen = journey(ann)
    server.before = ({ via }) => (via === 'socket' ? 'swallow' : undefined)
    await clock.advance(45_000)
    expect(seen[0]).toBe('waiting')
  })

  it('rejects what was asked on it, as something to be tried again', async () => {
    const { server, clock, goOnline } = createWorld()
    const ann = await goOnline('ann')
    server.before = () => 'swallow'
    const asked = ann.call('user.info', {})
    await clock.settle()
    server.cut(1012)
    await expect(asked).rejects.toMatchObject({ kind: 'connection_closed', row: { retry: true } })
  })
})

describe('failing to connect', () => {
  it('ends when HTTP says that the token is dead', async () => {
    const { server, signIn } = createWorld()
    const ann = await signIn('ann')
    server.dead.add('t-ann')
    await expect(ann.connect()).rejects.toMatchObject({ kind: 'unauthorized' })
    expect(ann.status()).toMatchObject({ state: 'ended', reason: 'unauthorized' })
  })

  it('goes on trying when HTTP does not answer either', async () => {
    const { server, clock, signIn } = createWorld()
    const ann = await signIn('ann')
    server.reachable = false
    const connected = ann.connect()
    await clock.advance(60_000)
    expect(ann.status().state).not.toBe('ended')
    server.reachable = true
    await clock.advance(31_000)
    await connected
    expect(ann.status().state).toBe('online')
  })

  it('takes the next link when the first cannot be opened though the server is there', async () => {
    const { server, clock, signIn } = createWorld()
    server.blocksSockets = true
    const ann = await signIn('ann', { links: [server.door, silent] })
    await ann.connect()
    expect(ann.status().state).toBe('online')
    expect(server.handshakes).toBe(1)
    await clock.settle()
  })

  it('gives up a handshake that takes too long', async () => {
    const { clock, signIn } = createWorld()
    const mute: LinkDoor = {
      ...silent,
      open: () => ({ send: () => undefined, close: () => undefined, buffered: 0 }),
    }
    const ann = await signIn('ann', { links: [mute] })
    void ann.connect()
    await clock.advance(9999)
    expect(ann.status().state).toBe('connecting')
    await clock.advance(1)
    expect(ann.status().state).toBe('waiting')
  })
})

describe('the platform’s network', () => {
  it('drops the link when the network goes, and connects at once when it is back', async () => {
    const { server, clock, network, goOnline } = createWorld()
    const ann = await goOnline('ann')
    const seen = journey(ann)
    network.set(false)
    await clock.advance(60_000)
    expect(seen).toEqual(['offline'])
    expect(server.sockets).toHaveLength(0)
    network.set(true)
    await clock.settle()
    expect(seen).toEqual(['offline', 'connecting', 'online'])
  })

  it('tries once against its word: a server on this machine needs no network', async () => {
    const { clock, network, signIn, server } = createWorld()
    const ann = await signIn('ann')
    network.set(false)
    await ann.connect()
    expect(ann.status().state).toBe('online')
    server.reachable = false
    server.cut()
    await clock.advance(1000)
    expect(ann.status().state).toBe('offline')
  })
})

describe('the owner’s word', () => {
  it('connects at once while waiting', async () => {
    const { server, clock, signIn } = createWorld()
    const ann = await signIn('ann')
    server.reachable = false
    void ann.connect()
    await clock.advance(60_000)
    server.reachable = true
    await ann.connect()
    expect(ann.status().state).toBe('online')
  })

  it('stops all attempts on disconnect, and rejects who waits for the connection', async () => {
    const { server, clock, signIn } = createWorld()
    const ann = await signIn('ann')
    server.reachable = false
    const connected = ann.connect()
    await clock.settle()
    await ann.disconnect()
    await expect(connected).rejects.toMatchObject({ kind: 'connection_closed' })
    const { handshakes } = server
    await clock.advance(120_000)
    expect(server.handshakes).toBe(handshakes)
    expect(clock.waiting()).toEqual([])
  })

  it('keeps one status object as long as nothing changes', async () => {
    const { goOnline } = createWorld()
    const ann = await goOnline('ann')
    expect(ann.status()).toBe(ann.status())
  })
})
