import { inParallel } from '../parallel.ts'
import type { Seed } from '../seed.ts'
import { type CallFigures, type CallRow, callRow, timeCalls } from './calls.ts'
import type { Stage } from './stage.ts'

const password = 'bench-only-password'
/** People who sign in: each costs a password hash. */
const joiners = 201
const speakers = 50
const sends = 501
const pages = 301

interface Member {
  readonly userId: string
  readonly token: string
}

/** One very large group: what its members ask for must not grow with its size. */
export async function largeGroup(stage: Stage): Promise<CallRow> {
  const size = stage.options.members ?? 100_000
  const { api } = stage
  await api.register('owner', password)
  await api.register('m1', password)
  const groupId = await api.createGroup(await api.login('owner', password), 'bench', ['m1'])
  stage.say(`filling the group up to ${size} members`)
  const filled = await stage.restart((seed) => fill(seed, groupId, size))
  return play(filled, groupId, size)
}

async function fill({ clone, set }: Seed, groupId: string, size: number): Promise<void> {
  const members = { from: 2, count: size - 2 }
  await clone('im_user', "user_id = 'm1'", members, { user_id: "'m' || n", name_key: "'m' || n" })
  await clone(
    'im_user',
    "user_id = 'm1'",
    { from: 1, count: joiners },
    { user_id: "'j' || n", name_key: "'j' || n" },
  )
  await clone('im_member', "user_id = 'm1'", members, {
    user_id: "'m' || n",
    name_key: "'m' || n",
    member_id: '500000 + n',
    joined_at: 'row1."joined_at" + n',
  })
  await clone('im_view', "user_id = 'm1'", members, { user_id: "'m' || n" })
  await set('im_group_size', `group_id = '${groupId}'`, { members: String(size) })
}

async function play(stage: Stage, groupId: string, size: number): Promise<CallRow> {
  const { api, say } = stage
  const conversation = `sg_${groupId}`
  const ids = (prefix: string, count: number, step = 1): string[] =>
    Array.from({ length: count }, (_, i) => `${prefix}${1 + i * step}`)
  say(`signing in ${joiners + speakers} people`)
  const signIn = async (userId: string): Promise<Member> => ({
    userId,
    token: await api.login(userId, password),
  })
  const newcomers = await inParallel(ids('j', joiners), 8, signIn)
  const members = await inParallel(ids('m', speakers, Math.floor((size - 2) / speakers)), 8, signIn)
  const some = (count: number): Member[] =>
    Array.from({ length: count }, (_, i) => members[i % members.length] as Member)
  const send = (n: number, token: string): Promise<unknown> =>
    api.send(token, {
      client_msg_id: `s${n}`,
      group_id: groupId,
      msg_type: 1,
      content: { text: `message ${n}` },
    })
  const calls: CallFigures[] = []
  const time = async <T>(
    name: string,
    items: readonly T[],
    call: (item: T, i: number) => Promise<unknown>,
  ) => {
    let i = 0
    calls.push(await timeCalls(name, items, 1, (item) => call(item, i++)))
  }
  await time('send', some(sends), ({ token }, i) => send(i, token))
  await time('join', newcomers, ({ token }) => api.ask(token, 'POST', '/group/join', { group_id: groupId }))
  let cursor = ''
  await time('page of 100 members', some(pages), async ({ token }) => {
    const page = await api.ask<{ next_cursor?: { user_id: string } }>(
      token,
      'GET',
      `/group/members?group_id=${groupId}&limit=100${cursor}`,
    )
    cursor = page.next_cursor ? `&cursor_user_id=${page.next_cursor.user_id}` : ''
  })
  const marked = members.slice(0, 25)
  for (const { token } of marked)
    await api.ask(token, 'POST', '/conversation/mark_read', { conversation_id: conversation, read_seq: 100 })
  const seqs = [1, 50, 100, 101, 400]
  await time('who-read counts', some(pages), ({ token }) =>
    api.ask(token, 'POST', '/msg/read_counts', { conversation_id: conversation, seqs }),
  )
  await time('page of readers', some(pages), ({ token }) =>
    api.ask(token, 'GET', `/msg/readers?conversation_id=${conversation}&seq=100&limit=100`),
  )
  await time('page of non-readers', some(pages), ({ token }) =>
    api.ask(token, 'GET', `/msg/readers?conversation_id=${conversation}&seq=100&read=false&limit=100`),
  )
  await time('search of members', some(pages), ({ token }, i) =>
    api.ask(token, 'GET', `/group/search_members?group_id=${groupId}&query=m${i}&limit=20`),
  )
  const reasons = await wrongUnread(stage, conversation, members, marked)
  return callRow(stage, 'large-group', { reasons, size: { members: size, messages: sends }, calls })
}

/** Unread is what was sent minus what was read, for each of them; own sends are read. */
async function wrongUnread(
  { api }: Stage,
  conversation: string,
  members: readonly Member[],
  marked: readonly Member[],
): Promise<string[]> {
  const wrong: string[] = []
  for (const [i, { userId, token }] of members.entries()) {
    // The last message of speaker i: sends go round.
    const own = Math.floor((sends - 1 - i) / members.length) * members.length + i + 1
    const read = Math.max(own, marked.some((m) => m.userId === userId) ? 100 : 0)
    const { unread_count: unread } = await api.ask<{ unread_count: number }>(
      token,
      'GET',
      `/conversation/unread_count?conversation_id=${conversation}`,
    )
    if (unread !== sends - read) wrong.push(`${userId}: ${unread} unread instead of ${sends - read}`)
  }
  return wrong
}
