import { expect, test } from 'vitest'
import type { GroupsPlan, LoadPlan, LoadResult, OpenPlan, PlannedGroup } from './plan.ts'
import { runLoad } from './run.ts'
import { type Script, startScriptedServer } from './scripted-server.ts'

type Part = Pick<LoadPlan, 'kind'> &
  Partial<Omit<GroupsPlan, 'kind' | 'conversations'>> & {
    readonly inFlight?: number
    readonly phases?: OpenPlan['phases']
    readonly conversations?: LoadPlan['conversations']
  }

const pairs = Array.from({ length: 6 }, (_, i) => ({ token: String(i), target: { recv_id: String(i ^ 1) } }))
const group = Array.from({ length: 5 }, (_, i) =>
  i === 0 ? { token: '0', target: { group_id: '9' } } : { token: String(i) },
)

const everybody = group.map((_, i) => i)
const talks = [0, 2, 4].map((i) => ({ id: `si_${i}:${i + 1}`, members: [i, i + 1] }))
const oneGroup = { clients: group, conversations: [{ id: 'sg_9', members: everybody }] }
const groups = {
  kind: 'groups',
  rate: 100,
  clients: group,
  conversations: ['8', '9'].map(
    (id): PlannedGroup => ({
      id: `sg_${id}`,
      target: { group_id: id },
      members: everybody,
      senders: [0, 3],
    }),
  ),
} as const

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
      conversations: talks,
      seconds: 0.4,
      warmUp: 0.25,
      text: 'x'.repeat(300),
      ...part,
    }
    return await runLoad(plan as unknown as LoadPlan)
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
    unpushed: 0,
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
  expect(result.sent.client.length).toBe(200)
  expect(result).toMatchObject({ unanswered: 0, outOfOrder: 0 })
  expect(result.delivery.count).toBe(result.ack.count)
})

test.concurrent('fanout: a message reaches all members, and the last one is known for each', async () => {
  const result = await play({ kind: 'fanout', inFlight: 2, ...oneGroup })
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

test.concurrent('a member who is never pushed anything lacks every message, though there is no hole', async () => {
  const result = await play({ kind: 'closed', inFlight: 2 }, { forgotten: 3 })
  expect(result.outOfOrder).toBe(0)
  expect(result.unpushed).toBe([...result.sent.client].filter((client) => client >> 1 === 1).length)
})

test.concurrent('groups: each is judged for itself, and the last member is known for each message', async () => {
  const result = await play(groups)
  expect(result.acked).toBe(40)
  expect(result).toMatchObject({ outOfOrder: 0, duplicatePushes: 0, unpushed: 0, broken: 0 })
  expect(result.pushes).toBe(result.acked * 5)
  expect(result.lastMember.count).toBe(result.ack.count)
  expect([...new Set(result.sent.client)]).toEqual([0, 3])
})

test.concurrent('groups: a push that never comes is a hole in that group', async () => {
  const result = await play(groups, { dropPush: 5 })
  expect(result.outOfOrder).toBeGreaterThan(0)
})

test.concurrent('groups: the member who never gets anything is missed in each of them', async () => {
  const result = await play(groups, { forgotten: 4 })
  expect(result.unpushed).toBe(result.acked)
})

test.concurrent('parts: each part of the window has its own latencies, and together they are all', async () => {
  const result = await play({ kind: 'open', rate: 500, parts: 3 })
  expect(result.parts).toHaveLength(3)
  const counts = (result.parts ?? []).map(({ count }) => count)
  expect(Math.min(...counts)).toBeGreaterThan(10)
  expect(counts.reduce((sum, count) => sum + count)).toBe(result.delivery.count)
})

test.concurrent('phases: each has its own rate, and its own counts and latencies', async () => {
  const phases = [
    { seconds: 0.2, rate: 100 },
    { seconds: 0.1, rate: 900 },
    { seconds: 0.1, rate: 100 },
  ]
  const result = await play({ kind: 'open', rate: 900, phases })
  expect(result.phases?.map(({ written, acked }) => [written, acked])).toEqual([
    [20, 20],
    [90, 90],
    [10, 10],
  ])
  expect(result.phases?.map(({ ack }) => ack.count)).toEqual([20, 90, 10])
  expect(result.phases?.map(({ delivery }) => delivery.count)).toEqual([20, 90, 10])
})

test.concurrent('phases: what is refused is counted by its code', async () => {
  const result = await play({ kind: 'open', rate: 300, phases: [{ seconds: 0.4, rate: 300 }] }, { refuse: 5 })
  const [phase] = result.phases ?? []
  expect(phase?.refused).toEqual({ 1006: result.refused })
  expect(phase?.acked).toBe(120 - result.refused)
  expect(result.complaints.join()).not.toContain('1006')
})

test.concurrent('a stalled client is not waited for, and where it must fetch from is told', async () => {
  const stall = { clients: [4], from: 0.05, seconds: 0.2 }
  const result = await play({ ...groups, conversations: groups.conversations.slice(1), stall })
  expect(result).toMatchObject({ outOfOrder: 0, unpushed: 0 })
  expect(result.lastMember).toMatchObject({ count: 30 })
  expect(result.lastMember.maxMs).toBeLessThan(3000)
  expect(result.stalled).toEqual([{ client: 4, lastSeq: result.acked, resyncs: 0, lost: undefined }])
})

test.concurrent('what a stalled client missed without a word is a hole, with a resync notice it is not', async () => {
  const stall = { clients: [4], from: 0, seconds: 0.1 }
  const one = { ...groups, conversations: groups.conversations.slice(1), stall }
  expect((await play(one, { dropPush: 7 })).outOfOrder).toBeGreaterThan(0)
  const told = await play(one, { dropPush: 7, notice: true })
  expect(told.outOfOrder).toBe(0)
  expect(told.stalled?.[0]).toMatchObject({ lastSeq: 6 })
})
