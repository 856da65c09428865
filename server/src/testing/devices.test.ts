import { isDeepStrictEqual } from 'node:util'
import { type Client, createClient, httpLink, websocketLink } from '@nexo-im/client'
import { compareLogs, verifyConversation } from '@nexo-im/client/verify'
import { afterEach, describe, expect, it } from 'vitest'
import type { Clock } from '../index.ts'
import { type Harness, startHarness } from './harness.ts'
import { signUp } from './wire.ts'

/** The real SDK on the real server: whatever happens on one device, the others come to show the same. */
let server: Harness
const clients: Client[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await client.disconnect({ timeoutMs: 0 })
  await server.stop()
})

async function device(id: string, platform: number, http = false): Promise<Client> {
  const links = [http ? httpLink({ pollMs: 50 }) : websocketLink()]
  const client = createClient({ url: server.url, platformId: platform, links })
  clients.push(client)
  await client.login({ user_id: id, password: `secret of ${id}`, platform_id: platform })
  await client.connect()
  return client
}

const text = (words: string) => ({ type: 1, content: { text: { text: words } } })

/** What a device shows of two conversations and of the account. */
function shown({ model }: Client, ids: readonly string[]): unknown {
  return {
    conversations: model.conversations(),
    messages: ids.map((id) => model.messages(id)),
    relations: [...(model.relations() ?? [])],
    requests: model.friendRequests(),
    privacy: model.privacy(),
    groups: ids.map((id) => model.group(id.slice(3))),
    me: model.user('ann'),
  }
}

async function look(client: Client, ids: readonly string[]): Promise<void> {
  await Promise.all([client.loadRelations(), client.loadFriendRequests(), client.loadPrivacy()])
  for (const id of ids) await client.open(id)
  shown(client, ids)
}

/** Everything that may happen in a chat of two, by both of them. */
async function live(ann: Client, bob: Client): Promise<void> {
  const id = ann.conversationWith('bob')
  await ann.edit(id, 1, { text: { text: 'edited' } })
  await bob.react(id, 2, '👍')
  await ann.react(id, 2, '👍')
  await ann.recall(id, 3)
  await ann.remove(id, [4])
  await bob.pin(id, 5)
  await bob.call('conversation.set_expiry', { conversation_id: id, seconds: 3600 })
  await bob.call('friend.request', { user_id: 'ann' })
  await ann.call('friend.accept', { user_id: 'bob' })
  await ann.call('block.add', { user_id: 'cem' })
  await ann.call('privacy.update', { see_read: 1 })
  await ann.call('user.update', { nickname: 'Anna' })
}

describe.each(['websocket', 'http'] as const)('over %s', (link) => {
  it('two devices, one of them away meanwhile, end up with what a third one loads anew', async () => {
    server = await startHarness()
    for (const id of ['ann', 'bob', 'cem']) await signUp(server.url, id)
    const ann = await device('ann', 5, link === 'http')
    const phone = await device('ann', 1)
    const bob = await device('bob', 5)
    const id = ann.conversationWith('bob')
    for (let i = 1; i <= 5; i++) await ann.send({ userId: 'bob' }, text(`a${i}`)).acked
    await bob.open(id)
    for (const client of [ann, phone]) await look(client, [id])
    const status = (): string | undefined => ann.model.messages(id).messages.at(-1)?.status
    await expect.poll(status, { timeout: 5000 }).toBe('delivered')
    await bob.markRead(id)
    await expect.poll(status, { timeout: 5000 }).toBe('read')
    await phone.disconnect()
    await live(ann, bob)
    const group = await bob.call('group.create', { name: 'Room', member_ids: ['ann'] })
    await bob.send({ groupId: group.id }, { ...text('hello'), mentions: ['ann'] }).acked
    const ids = [id, `sg_${group.id}`]
    await expect.poll(() => ann.model.conversation(`sg_${group.id}`)?.mentions, { timeout: 5000 }).toBe(1)
    await bob.call('group.announce', { group_id: group.id, text: 'hear' })
    await phone.connect()
    const fresh = await device('ann', 2)
    for (const client of [ann, phone, fresh]) await look(client, ids)
    for (const client of [ann, phone]) {
      const same = (): boolean => isDeepStrictEqual(shown(client, ids), shown(fresh, ids))
      await expect.poll(same, { timeout: 8000 }).toBe(true)
    }
  }, 40_000)
})

it('two readers verify their log and find it the same, edits and recalls included', async () => {
  server = await startHarness()
  for (const id of ['ann', 'bob', 'cem']) await signUp(server.url, id)
  const ann = await device('ann', 5)
  const bob = await device('bob', 5)
  const id = ann.conversationWith('bob')
  for (let i = 1; i <= 5; i++) await ann.send({ userId: 'bob' }, text(`a${i}`)).acked
  await live(ann, bob)
  const [a, b] = await Promise.all([
    verifyConversation(ann.call, id, { edits: true, keep: true }),
    verifyConversation(bob.call, id, { bodies: true, keep: true }),
  ])
  expect(a).toMatchObject({ ok: true, from: 1, to: 5, bodies: 3 })
  expect(b).toMatchObject({ ok: true, from: 1, to: 5 })
  if (!a.ok || !b.ok) return
  const [left, right] = [a, b].map(({ anchor, proofs = [] }) => ({ anchor, proofs }))
  expect(left && right && compareLogs(left, right)).toEqual({ ok: true, compared: 5 })
})

it('a renewed token is taken up without a break: the connection stays, and a later one uses it', async () => {
  let ahead = 0
  const clock: Clock = {
    now: () => Date.now() + ahead,
    soon: (run) => void setImmediate(run),
    afterTurn: (run) => process.nextTick(run),
    after: (ms, run) => {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
  }
  const patient = { 'websocket.pong_wait': 9_000_000, 'websocket.ping_period': 8_000_000 }
  server = await startHarness({ clock, config: { 'jwt.expire_hours': 1, ...patient } })
  await signUp(server.url, 'ann')
  const client = createClient({ url: server.url, platformId: 1, links: [websocketLink()] })
  clients.push(client)
  const signIn = { user_id: 'ann', password: 'secret of ann', platform_id: 1 }
  const first = await client.call('auth.login', signIn)
  await client.resume(first.token)
  await client.connect()
  const states: string[] = []
  client.on('status', ({ state }) => states.push(state))
  ahead = 50 * 60_000
  const renewed = await client.call('auth.refresh', { refresh_token: first.refresh_token ?? '' })
  client.setToken(renewed.token)
  ahead = 70 * 60_000
  // Longer than the server takes to look for sockets whose time is over.
  await new Promise((resolve) => setTimeout(resolve, 1300))
  expect(await client.call('user.info', {})).toMatchObject({ user_id: 'ann' })
  expect(states).toEqual([])
  await client.disconnect()
  await client.connect()
  expect(client.status().state).toBe('online')
}, 20_000)
