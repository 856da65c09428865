import { expect, test } from 'vitest'
import { peerFaults } from '../run.ts'
import { startSocketIo } from '../servers/socketio.ts'
import type { Pace, PeerResult } from './plan.ts'
import { playPeer } from './play.ts'
import { type Script, startScriptedNats } from './scripted-nats.ts'

const text = 'words for everybody'
const drainMs = 400

async function play(pace: Pace, script: Script = {}): Promise<PeerResult> {
  const server = await startScriptedNats(script)
  try {
    const to = pace.kind === 'fanout' ? 'room' : 'pairs'
    return await playPeer(
      {
        speech: { kind: 'nats', host: '127.0.0.1', port: server.port, user: 'u', password: 'p', to, text },
        pace,
        clients: 6,
        serverPid: process.pid,
        seconds: 0.4,
        warmUp: 0.25,
      },
      drainMs,
    )
  } finally {
    await server.close()
  }
}

const clean = { unanswered: 0, undelivered: 0, lost: 0, broken: 0, duplicatePushes: 0, outOfOrder: 0 }
const closed: Pace = { kind: 'closed', inFlight: 4 }

test.concurrent('closed: every message is confirmed to its sender and arrives at its partner, once', async () => {
  const result = await play(closed)
  expect(result).toMatchObject(clean)
  expect(result.acked).toBeGreaterThan(24)
  expect(result.acked).toBe(result.sent.client.length)
  expect(result.pushes).toBe(result.acked)
  expect(peerFaults(result, undefined)).toEqual([])
})

test.concurrent('open: a server that stands still does not stop the schedule, and its latency counts from there', async () => {
  const result = await play({ kind: 'open', rate: 500 }, { stallMs: 300 })
  expect(result).toMatchObject(clean)
  expect(result.sent.client.length).toBeGreaterThan(150)
  // Waiting for answers would have made one late message per client; here half of all met the stall.
  expect(result.delivery.p50Ms).toBeGreaterThan(50)
  expect(result.delivery.count).toBe(result.ack.count)
})

test.concurrent('fanout: a message reaches everybody, and the last one is known for each', async () => {
  const result = await play({ kind: 'fanout', inFlight: 2 })
  expect(result).toMatchObject(clean)
  expect(result.pushes).toBe(result.sent.client.length * 6)
  expect(result.delivery.count).toBe(result.lastMember.count * 5)
})

test.concurrent('a message that does not arrive is undelivered', async () => {
  const result = await play(closed, { drop: 7 })
  expect(result.undelivered).toBeGreaterThan(0)
  expect(peerFaults(result, undefined)).toContain(`${result.undelivered} messages did not reach everybody`)
})

test.concurrent('a message that arrives twice is a duplicate', async () => {
  const result = await play(closed, { repeat: 7 })
  expect(result.duplicatePushes).toBeGreaterThan(0)
  expect(result.undelivered).toBe(0)
})

test.concurrent('a message that arrives behind a later one is out of order', async () => {
  const result = await play({ kind: 'fanout', inFlight: 2 }, { delay: 5 })
  expect(result.outOfOrder).toBeGreaterThan(0)
})

test.concurrent('a message that is never confirmed is unanswered', async () => {
  const result = await play(closed, { forget: 9 })
  expect(result.unanswered).toBeGreaterThan(0)
  expect(peerFaults(result, undefined)).toContain(`${result.unanswered} sends were never confirmed`)
})

test.concurrent('a room of Socket.IO takes every message and brings it to everybody', async () => {
  const seat = { folder: '', clients: 6, text, mysqlUrl: undefined }
  const { speech, pid, stop } = await startSocketIo(seat)
  try {
    const pace: Pace = { kind: 'fanout', inFlight: 3 }
    const plan = { speech, pace, clients: 6, serverPid: pid, seconds: 0.4, warmUp: 0.25 }
    const result = await playPeer(plan, drainMs)
    expect(result).toMatchObject(clean)
    expect(result.acked).toBeGreaterThan(6)
    expect(result.pushes).toBe(result.acked * 6)
  } finally {
    await stop()
  }
})
