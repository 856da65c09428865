import { describe, expect, it } from 'vitest'
import { manualClock } from '../testing/clock.ts'
import type { Entry } from './ports.ts'
import { type Encoder, messagePush, Session, type SessionLink } from './session.ts'
import { createTally } from './tally.ts'

const encoder: Encoder = {
  name: 'test',
  message: (entry) => `m${entry.conversation_id}${entry.seq}`,
  event: (name, data) => `${name}:${JSON.stringify(data)}`,
}

function entry(seq: number, more: Partial<Entry> = {}): Entry {
  return {
    conversation_id: 'c',
    seq,
    id: seq,
    sender_id: 'bob',
    client_msg_id: `b${seq}`,
    msg_type: 1,
    body: '{}',
    send_at: 0,
    meta: '',
    salt: '',
    digest: '',
    chain: '',
    ...more,
  }
}

function setUp() {
  const clock = manualClock()
  const tally = createTally(clock.now)
  const written: string[] = []
  const writes: number[] = []
  const state = { buffered: 0, closed: undefined as string | undefined, pings: 0 }
  const link: SessionLink = {
    write: (frames) => {
      writes.push(frames.length)
      written.push(...(frames as string[]))
    },
    close: (code, reason) => {
      state.closed = `${code} ${reason}`
    },
    ping: () => {
      state.pings += 1
    },
    get buffered() {
      return state.buffered
    },
  }
  const limits = {
    waitingFrames: 4,
    waitingBytes: 1000,
    pongWait: 30_000,
    pingPeriod: 27_000,
    stallLimit: 30_000,
  }
  const session = new Session({
    connId: 'x',
    userId: 'ann',
    platformId: 5,
    sessionId: 's',
    expiresAt: clock.now() + 3_600_000,
    encoder,
    link,
    limits,
    clock,
    tally,
    dirty: () => undefined,
  })
  return { session, clock, tally, written, writes, state }
}

describe('session', () => {
  it('writes everything of a turn at once', () => {
    const { session, writes } = setUp()
    for (let seq = 1; seq <= 10; seq++) session.push(messagePush(entry(seq)))
    session.flush()
    expect(writes).toEqual([10])
  })

  it('holds the push of an own message until its answer left, and later ones behind it', () => {
    const { session, written } = setUp()
    session.unanswered.add('a1')
    session.push(messagePush(entry(1, { sender_id: 'ann', client_msg_id: 'a1' })))
    session.push(messagePush(entry(2)))
    session.answer('answer')
    session.answered('a1')
    session.flush()
    expect(written).toEqual(['answer', 'mc1', 'mc2'])
  })

  it('tells of a hole before anything later, also when nobody said that there is room again', () => {
    const { session, state, written } = setUp()
    state.buffered = 1001
    session.push(messagePush(entry(1)))
    state.buffered = 0
    session.push(messagePush(entry(2)))
    session.flush()
    expect(written).toEqual(['resync:{"conversations":{"c":1}}', 'mc2'])
  })

  it('leaves out in its place what comes behind an own message that waits, and tells of many at once', () => {
    const { session, written } = setUp()
    session.unanswered.add('a1')
    session.push(messagePush(entry(1, { sender_id: 'ann', client_msg_id: 'a1' })))
    for (const seq of [2, 3]) session.push(messagePush(entry(seq)), true)
    session.push(messagePush(entry(4)))
    session.answered('a1')
    session.flush()
    expect(written).toEqual(['mc1', 'resync:{"conversations":{"c":3}}', 'mc4'])
  })

  it('tells what is free of an own message, though the answer to the next one has not left', () => {
    const { session, written } = setUp()
    session.unanswered.add('a1')
    session.push(messagePush(entry(1, { sender_id: 'ann', client_msg_id: 'a1' })))
    session.push(messagePush(entry(2)))
    session.unanswered.add('a3')
    session.push(messagePush(entry(3, { sender_id: 'ann', client_msg_id: 'a3' })))
    session.push(messagePush(entry(4)))
    session.answered('a1')
    session.flush()
    expect(written).toEqual(['mc1', 'mc2'])
    session.answered('a3')
    session.flush()
    expect(written).toEqual(['mc1', 'mc2', 'mc3', 'mc4'])
  })

  it('takes a burst within one turn while the network keeps up', () => {
    const { session, written } = setUp()
    for (let seq = 1; seq <= 100; seq++) session.push(messagePush(entry(seq)))
    session.flush()
    expect(written).toHaveLength(100)
  })

  it('leaves pushes out when the socket does not drain, and says so once there is room', () => {
    const { session, written, state } = setUp()
    state.buffered = 1
    for (let seq = 1; seq <= 9; seq++) session.push(messagePush(entry(seq)))
    session.flush()
    expect(written).toEqual(['mc1', 'mc2', 'mc3', 'mc4'])
    state.buffered = 0
    session.drained()
    session.flush()
    expect(written.slice(4)).toEqual(['resync:{"conversations":{"c":9}}'])
    session.push(messagePush(entry(10)))
    session.flush()
    expect(written.at(-1)).toBe('mc10')
  })

  it('counts what it was given and what was left out, and a socket that stalled', () => {
    const { session, clock, tally, state } = setUp()
    session.push(messagePush(entry(1)))
    session.flush()
    state.buffered = 500
    for (let seq = 2; seq <= 9; seq++) session.push(messagePush(entry(seq)))
    expect(tally.pushes).toEqual({ messages: 5, events: 0, leftOut: 4, resyncs: 0 })
    state.buffered = 0
    session.drained()
    session.answer('no push')
    expect(tally.pushes).toEqual({ messages: 5, events: 1, leftOut: 4, resyncs: 1 })
    state.buffered = 500
    for (let s = 0; s < 32; s++) {
      session.heard()
      session.tick(clock.now())
      clock.advance(1000)
    }
    expect(tally.sockets.stalled).toBe(1)
  })

  it('never leaves out an answer, however slow the socket', () => {
    const { session, written, state } = setUp()
    state.buffered = 5000
    for (let i = 0; i < 20; i++) session.answer(`a${i}`)
    session.flush()
    expect(written).toHaveLength(20)
  })

  it('is closed with 1013 after thirty seconds without progress', () => {
    const { session, clock, state } = setUp()
    state.buffered = 500
    for (let s = 0; s < 32; s++) {
      session.heard()
      session.tick(clock.now())
      clock.advance(1000)
    }
    expect(state.closed).toMatch(/^1013/)
  })

  it('is pinged after a silent period and closed when nothing comes back', () => {
    const { session, clock, state } = setUp()
    for (let s = 0; s < 28; s++) {
      clock.advance(1000)
      session.tick(clock.now())
    }
    expect(state).toMatchObject({ pings: 1, closed: undefined })
    clock.advance(2000)
    session.tick(clock.now())
    expect(state.closed).toBeDefined()
  })

  it('does not outlive its token', () => {
    const { session, clock, written, state } = setUp()
    clock.advance(3_600_000)
    session.heard()
    session.tick(clock.now())
    expect(written).toEqual(['kicked:{"reason":"expired","platform_id":5}'])
    expect(state.closed).toBe('4401 expired')
  })
})
