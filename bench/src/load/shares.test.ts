import { expect, test } from 'vitest'
import type { GroupsPlan, LoadResult } from './plan.ts'
import { runLoad } from './run.ts'
import { type Script, startScriptedServer } from './scripted-server.ts'
import { sharesOf, together } from './shares.ts'

const everybody = [0, 1, 2, 3, 4, 5]
const senders = [0, 3]
const plan: GroupsPlan = {
  host: '127.0.0.1',
  port: 0,
  serverPids: [process.pid],
  codec: 'nexo.v1',
  peer: 'server',
  kind: 'groups',
  rate: 100,
  clients: everybody.map((i) => ({ token: String(i) })),
  conversations: ['8', '9'].map((id) => ({
    id: `sg_${id}`,
    target: { group_id: id },
    members: everybody,
    senders,
  })),
  seconds: 0.4,
  warmUp: 0.25,
  text: 'words',
}

/** The shares begin together, as separate processes do. */
async function play(script: Script = {}, changes: Partial<GroupsPlan> = {}): Promise<LoadResult> {
  const server = await startScriptedServer(script)
  try {
    const whole = { ...plan, ...changes, port: server.port }
    const shares = sharesOf(whole, 2)
    const ready = Promise.withResolvers<number>()
    let waiting = 0
    const begin = (): Promise<number> => {
      waiting += 1
      if (waiting === shares.length) ready.resolve(performance.timeOrigin + performance.now() + 20)
      return ready.promise
    }
    const results = shares.map((share) => runLoad({ ...whole, share }, begin))
    return together(whole, await Promise.all(results))
  } finally {
    await server.close()
  }
}

test('who sends is apart from those who listen', () => {
  expect(sharesOf(plan, 2)).toEqual([
    [0, 3],
    [1, 2],
    [4, 5],
  ])
  expect(sharesOf(plan, 1)).toEqual([
    [0, 3],
    [1, 2, 4, 5],
  ])
})

test.concurrent('shares together are one load: all sent, all acked, all pushed, each last member known', async () => {
  const result = await play()
  expect(result).toMatchObject({ written: 40, acked: 40, pushes: 240, unanswered: 0 })
  expect(result).toMatchObject({ outOfOrder: 0, duplicatePushes: 0, unpushed: 0, broken: 0 })
  expect(result.lastMember.count).toBe(30)
  expect(result.delivery.count).toBe(150)
  expect([...result.sent.seq].filter((seq) => seq === 0)).toEqual([])
})

test.concurrent('a listener who never gets anything is missed, and its last member is never early', async () => {
  const result = await play({ forgotten: 4 })
  expect(result.unpushed).toBe(40)
  expect(result.lastMember.p50Ms).toBeGreaterThanOrEqual(3000)
})

test.concurrent('a push left out, or repeated, is seen in whatever share it is', async () => {
  expect((await play({ dropPush: 5 })).outOfOrder).toBeGreaterThan(0)
  expect((await play({ repeatPush: 5 })).duplicatePushes).toBeGreaterThan(0)
})

test.concurrent('a refused message is refused once', async () => {
  const result = await play({ refuse: 7 })
  expect(result.refused).toBe(4)
  expect(result).toMatchObject({ acked: 36, unanswered: 0 })
})

test.concurrent('who does not read for a while is told of by the share that plays it', async () => {
  const result = await play({}, { stall: { clients: [4], from: 0.05, seconds: 0.2 } })
  expect(result.stalled).toHaveLength(1)
  expect(result).toMatchObject({ unpushed: 0, outOfOrder: 0 })
  expect(result.lastMember.maxMs).toBeLessThan(3000)
})
