import { randomUUID } from 'node:crypto'
import { type ChatMessage, type Client, createClient, websocketLink } from '@nexo-im/client'
import { closeCodes } from '@nexo-im/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from './harness.ts'
import { type Balancer, nginxProgram, startNginx } from './nginx.ts'
import { serverUrl } from './stores/fresh.ts'
import { type FreshMysql, freshMysql } from './stores/mysql.ts'
import { openSocket, type Socket } from './wire.ts'

/**
 * Three nodes on one MySQL, which hear each other by Redis, behind the nginx that we ship (`deploy/nginx.conf`), and the
 * SDK on the other side. Nothing is sticky. The tests build on each other: the last one ends a node.
 */
const mysql = serverUrl('mysql')
const redis = serverUrl('redis')
const nginx = nginxProgram()
const isMissing = mysql === undefined || redis === undefined || nginx === undefined

const people = 60
const drainDelay = 1000

let database: FreshMysql
let proxy: Balancer
const nodes: Harness[] = []
const clients: Client[] = []

/** A new account, signed in and connected through nginx. */
async function person(id: string): Promise<Client> {
  const client = createClient({ url: proxy.url, platformId: 5, links: [websocketLink()] })
  clients.push(client)
  const password = `secret of ${id}`
  await client.register({ user_id: id, password })
  await client.login({ user_id: id, password, platform_id: 5 })
  await client.connect()
  return client
}

const connections = (of: readonly Harness[] = nodes): Promise<number[]> =>
  Promise.all(of.map(async ({ service }) => (await service.getServer().health()).connections))

/** The person and the node they were led to, which the numbers of connections tell. */
async function led(id: string): Promise<{ readonly client: Client; readonly node: number }> {
  const before = await connections()
  const client = await person(id)
  const after = await connections()
  return { client, node: after.findIndex((count, i) => count !== before[i]) }
}

function expectSpread(counts: readonly number[]): void {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  for (const count of counts) expect(Math.abs(count - mean) / mean).toBeLessThanOrEqual(0.2)
}

const say = (client: Client, userId: string, text: string): Promise<ChatMessage> =>
  client.send({ userId }, { type: 1, content: { text: { text } } }).acked

beforeAll(async () => {
  if (isMissing) return
  database = await freshMysql(mysql)
  const config = {
    'storage.url': database.url,
    'bus.url': redis,
    'redis.key_prefix': `nexo_test_${randomUUID()}:`,
    'jwt.secret': randomUUID(),
    'server.drain_delay': drainDelay,
    'websocket.write_wait': 3000,
  }
  for (let i = 0; i < 3; i++) nodes.push(await startHarness({ config }))
  proxy = await startNginx(
    nginx,
    nodes.map(({ url }) => url),
  )
  await Promise.all(Array.from({ length: people }, (_, i) => person(`p${i}`)))
}, 60_000)

afterAll(async () => {
  await Promise.all(clients.map((client) => client.disconnect({ timeoutMs: 0 })))
  await proxy?.stop()
  for (const node of nodes) await node.stop()
  await database?.store.close()
}, 30_000)

describe.skipIf(isMissing)('three nodes behind nginx without sticky sessions', () => {
  it('share sixty clients within 20 % of each other, and all know each other', async () => {
    const counts = await connections()
    expect(counts.reduce((sum, count) => sum + count)).toBe(people)
    expectSpread(counts)
    for (const { service } of nodes) expect((await service.getServer().health()).nodes).toBe(3)
  })

  it('let two people on different nodes chat, see each other come and go, and read', async () => {
    const ann = await led('ann')
    const bob = await led('bob')
    expect(bob.node).not.toBe(ann.node)
    const chat = ann.client.conversationWith('bob')
    await ann.client.open(chat)
    await say(ann.client, 'bob', 'Hello, Bob')
    await bob.client.open(chat)
    await expect.poll(() => bob.client.model.messages(chat).messages.length).toBe(1)
    await bob.client.markRead(chat)
    await expect.poll(() => ann.client.model.messages(chat).messages.at(0)?.status).toBe('read')
    await say(bob.client, 'ann', 'Hello, Ann')
    await expect.poll(() => ann.client.model.conversation(chat)?.unread).toBe(1)
    await expect.poll(() => ann.client.model.presence('bob')?.status).toBe(1)
    await bob.client.disconnect()
    await expect.poll(() => ann.client.model.presence('bob')?.status, { timeout: 5000 }).toBe(0)
  })

  it('lose a node that is told to stop: its people are on the others, and nothing acked is lost', async () => {
    const [leaving, ...staying] = nodes as [Harness, Harness, Harness]
    const talkers = clients.slice(0, 20)
    const raw = await rawSockets(clients.slice(20, 26))
    const load = keepTalking(talkers)
    await expect.poll(() => load.acked.length).toBeGreaterThan(50)

    const before = load.acked.length
    const stopping = leaving.service.getServer().stop()
    // It says that it goes, and serves on: whoever asks nginx notices nothing.
    expect((await fetch(`${leaving.url}/readyz`)).status).toBe(503)
    expect((await fetch(`${proxy.url}/readyz`)).status).toBe(200)
    await expect.poll(() => load.acked.length).toBeGreaterThan(before)
    await stopping

    const live = clients.filter((client) => client.userId() !== 'bob')
    const isBack = (): boolean => live.every((client) => client.status().state === 'online')
    await expect.poll(isBack, { timeout: 15_000 }).toBe(true)
    const after = load.acked.length
    await expect.poll(() => load.acked.length).toBeGreaterThan(after + 50)
    await load.stop()
    const isClosed = (socket: Socket): boolean => socket.raw.readyState === socket.raw.CLOSED
    await expect.poll(() => raw.filter(isClosed).length).toBeGreaterThan(0)
    const told = await Promise.all(raw.filter(isClosed).map((socket) => socket.closed))
    for (const { code } of told) expect(code).toBe(closeCodes.restart)
    await Promise.all(raw.filter((socket) => !isClosed(socket)).map((socket) => socket.close()))
    expectSpread(await connections(staying))
    expect(load.failed).toEqual([])
    await expectStored(talkers, load.acked)
  }, 60_000)

  it('leave it to nginx to answer when none of them is left, with the envelope and a time to come back', async () => {
    for (const node of nodes) await node.service.getServer().stop()
    const answer = await fetch(`${proxy.url}/user/info`)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await answer.json()).toEqual({ code: 1002, msg: 'internal server error', data: null })
  }, 30_000)
})

describe.skipIf(isMissing)('nginx', () => {
  it('counts sign-ins by address, because nodes see its own address only', async () => {
    const answers = await Promise.all(
      Array.from({ length: 700 }, () => fetch(`${proxy.url}/auth/login`, { method: 'POST', body: '{}' })),
    )
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(0)
    expect(await refused[0]?.json()).toEqual({ code: 1006, msg: 'too many requests', data: null })
    await Promise.all(answers.filter(({ bodyUsed }) => !bodyUsed).map((answer) => answer.arrayBuffer()))
  })

  it('refuses what is far too large with the envelope', async () => {
    const body = Buffer.alloc(6_000_000, 32)
    const answer = await fetch(`${proxy.url}/msg/send`, { method: 'POST', body })
    expect(answer.status).toBe(413)
    expect(await answer.json()).toMatchObject({ code: 1001, data: null })
  })
})

/** Beside the SDK's: they tell the code they were closed with. */
function rawSockets(of: readonly Client[]): Promise<Socket[]> {
  return Promise.all(of.map((client) => openSocket(proxy.url, client.token() ?? '')))
}

interface Load {
  readonly acked: ChatMessage[]
  readonly failed: unknown[]
  stop(): Promise<void>
}

/** Each says one thing after the other to the next one, as soon as the one before is acked. */
function keepTalking(talkers: readonly Client[]): Load {
  const acked: ChatMessage[] = []
  const failed: unknown[] = []
  let isOver = false
  const lanes = talkers.map(async (client, i) => {
    const to = talkers[(i + 1) % talkers.length]?.userId() ?? ''
    for (let n = 0; !isOver; n++) {
      await say(client, to, `${n}`).then(
        (message) => acked.push(message),
        (error: unknown) => failed.push(error),
      )
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })
  return {
    acked,
    failed,
    stop: async () => {
      isOver = true
      await Promise.all(lanes)
    },
  }
}

/** Every log is 1, 2, 3… without double, and has each acked message where its ack said. */
async function expectStored(talkers: readonly Client[], acked: readonly ChatMessage[]): Promise<void> {
  const logs = Map.groupBy(acked, (message) => message.conversationId)
  expect(logs.size).toBe(talkers.length)
  for (const [conversation_id, messages] of logs) {
    const reader = talkers.find((client) => client.userId() === messages[0]?.senderId)
    const stored: { seq: number; client_msg_id: string }[] = []
    for (let begin_seq = 1; ; begin_seq += 100) {
      const page = await reader?.call('message.pull', { conversation_id, begin_seq, end_seq: begin_seq + 99 })
      stored.push(...(page?.messages ?? []))
      if ((page?.messages.length ?? 0) < 100) break
    }
    expect(stored.map((message) => message.seq)).toEqual(stored.map((_, i) => i + 1))
    expect(new Set(stored.map((message) => message.client_msg_id)).size).toBe(stored.length)
    for (const { seq, clientMsgId } of messages) expect(stored[seq - 1]?.client_msg_id).toBe(clientMsgId)
  }
}
