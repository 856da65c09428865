import { type Client, createClient, httpLink, websocketLink } from '@nexo-im/client'
import { afterEach, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from './harness.ts'
import { signUp } from './wire.ts'

/** The real SDK against the real server, over each of its links. */
let server: Harness
const clients: Client[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await client.disconnect({ timeoutMs: 0 })
  await server.stop()
})

const links = {
  websocket: () => [websocketLink()],
  http: () => [httpLink({ pollMs: 50 })],
}

async function person(id: string, link: keyof typeof links, url = server.url): Promise<Client> {
  await signUp(url, id)
  const client = createClient({ url, platformId: 5, links: links[link]() })
  clients.push(client)
  await client.login({ user_id: id, password: `secret of ${id}`, platform_id: 5 })
  await client.connect()
  return client
}

const say = (client: Client, to: { userId?: string; groupId?: string }, text: string) =>
  client.send(to, { type: 1, content: { text: { text } } })
const texts = (client: Client, id: string): string[] =>
  client.model.messages(id).messages.map((m) => m.content.text?.text ?? '')

describe.each(['websocket', 'http'] as const)('two people over %s', (link) => {
  it('chat both ways, see each message once, in order, with unread and read', async () => {
    server = await startHarness()
    const ann = await person('ann', link)
    const bob = await person('bob', link)
    for (let i = 0; i < 5; i++) await say(ann, { userId: 'bob' }, `a${i}`).acked
    const id = bob.conversationWith('ann')
    await expect.poll(() => bob.model.conversation(id)?.unread).toBe(5)
    await bob.open(id)
    await expect.poll(() => texts(bob, id)).toEqual(['a0', 'a1', 'a2', 'a3', 'a4'])
    await bob.markRead(id)
    expect(bob.model.totalUnread()).toBe(0)
    await ann.open(id)
    await say(bob, { userId: 'ann' }, 'b0').acked
    await expect.poll(() => texts(ann, id)).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'b0'])
  })
})

it('a message written while the server is away is delivered once when it is back, behind the earlier ones', async () => {
  server = await startHarness({ onFile: true })
  const { port } = new URL(server.url)
  const ann = await person('ann', 'websocket')
  await signUp(server.url, 'bob')
  await say(ann, { userId: 'bob' }, 'before').acked
  const { dataFolder } = server
  await server.service.getServer().stop()
  const waiting = [say(ann, { userId: 'bob' }, 'during 1'), say(ann, { userId: 'bob' }, 'during 2')]
  server = await startHarness({ dataFolder, config: { 'server.http_port': Number(port) } })
  const acked = await Promise.all(waiting.map((w) => w.acked))
  expect(acked.map((m) => m.seq)).toEqual([2, 3])
  const id = ann.conversationWith('bob')
  await ann.open(id)
  expect(texts(ann, id)).toEqual(['before', 'during 1', 'during 2'])
}, 40_000)

it('a second sign-in on the platform ends the first client for good and says why', async () => {
  server = await startHarness()
  const first = await person('ann', 'websocket')
  await person('ann', 'websocket')
  await expect.poll(() => first.status()).toMatchObject({ state: 'ended', reason: 'login' })
})
