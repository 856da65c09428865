import { expect, test } from 'vitest'
import type { LoadPlan, LoadResult } from './plan.ts'
import { runLoad } from './run.ts'
import { type Script, startScriptedServer } from './scripted-server.ts'

type Part = Pick<LoadPlan, 'kind'> & { inFlight?: number; rate?: number; clients?: LoadPlan['clients'] }

const pairs = Array.from({ length: 6 }, (_, i) => ({ token: String(i), target: { recv_id: String(i ^ 1) } }))
const group = Array.from({ length: 5 }, (_, i) =>
  i === 0 ? { token: '0', target: { group_id: '9' } } : { token: String(i) },
)

async function play(part: Part, script: Script = {}): Promise<LoadResult> {
  const server = await startScriptedServer(script)
  try {
    const plan = {
      host: '127.0.0.1',
      port: server.port,
      serverPids: [process.pid],
      codec: 'nexo.v1',
      peer: 'server',
      clients: pairs,
      seconds: 0.4,
      warmUp: 0.25,
      text: 'x'.repeat(300),
      ...part,
    }
    return await runLoad(plan as LoadPlan)
  } finally {
    await server.close()
  }
}

test.concurrent('closed: every message is acked once, pushed to both sides, and nothing is out of order', async () => {
  const result = await play({ kind: 'closed', inFlight: 4 })
  expect(result.acked).toBeGreaterThan(24)
  expect(result).toMatchObject({
    unanswered: 0,
    refused: 0,
    lost: 0,
    broken: 0,
    duplicatePushes: 0,
    outOfOrder: 0,
  })
  expect(result.acked).toBe(result.sent.client.length)
  expect(result.pushes).toBe(result.acked * 2)
})

test.concurrent('closed: the columns tell for each message its sender, seq and server id', async () => {
  const { sent } = await play({ kind: 'closed', inFlight: 3 })
  const perPair = new Map<number, number[]>()
  sent.client.forEach((client, n) => {
    const pair = client >> 1
    perPair.set(pair, [...(perPair.get(pair) ?? []), sent.seq[n] as number])
    expect(sent.serverId[n]).toBe(1000 + (sent.seq[n] as number))
  })
  for (const seqs of perPair.values()) {
    expect(seqs.toSorted((a, b) => a - b)).toEqual(seqs.map((_, i) => i + 1))
  }
})

test.concurrent('open: the schedule is kept, whatever the server does', async () => {
  const result = await play({ kind: 'open', rate: 500 })
  expect(result.sent.client.length).toBeGreaterThan(150)
  expect(result.sent.client.length).toBeLessThanOrEqual(201)
  expect(result).toMatchObject({ unanswered: 0, outOfOrder: 0 })
  expect(result.delivery.count).toBe(result.ack.count)
})

test.concurrent('fanout: a message reaches all members, and the last one is known for each', async () => {
  const result = await play({ kind: 'fanout', inFlight: 2, clients: group })
  expect(result.acked).toBeGreaterThan(2)
  expect(result.pushes).toBe(result.acked * 5)
  expect(result.lastMember.count).toBe(result.ack.count)
  expect(result.delivery.count).toBe(result.ack.count * 4)
})

test.concurrent('a push that never comes is a hole', async () => {
  const result = await play({ kind: 'closed', inFlight: 2 }, { dropPush: 5 })
  expect(result.outOfOrder).toBeGreaterThan(0)
})

test.concurrent('a push that a resync notice stands for is no hole', async () => {
  const result = await play({ kind: 'closed', inFlight: 2 }, { dropPush: 5, notice: true })
  expect(result.outOfOrder).toBe(0)
  expect(result.resyncs).toBeGreaterThan(0)
  expect(result.leftOut).toBe(result.resyncs)
})

test.concurrent('a repeated push is a duplicate', async () => {
  const result = await play({ kind: 'closed', inFlight: 2 }, { repeatPush: 5 })
  expect(result.duplicatePushes).toBeGreaterThan(0)
})

test.concurrent('a refused send is counted and quoted', async () => {
  const result = await play({ kind: 'closed', inFlight: 2 }, { refuse: 7 })
  expect(result.refused).toBeGreaterThan(0)
  expect(result.unanswered).toBe(0)
  expect(result.complaints[0]).toContain('1006')
})
