import { afterEach, describe, expect, it } from 'vitest'
import { openStore } from '../../storage/open.ts'
import { type Cast, castOf } from '../../testing/domain/cast.ts'
import { testCore } from '../../testing/domain/core.ts'
import { device } from '../../testing/domain/device.ts'
import { dumpStore } from '../../testing/domain/dump.ts'
import { type Harness, startHarness } from '../../testing/harness.ts'
import { call, signIn, signUp } from '../../testing/wire.ts'
import type { Store } from '../ports.ts'
import { resumeDeletions } from './account-deletion.ts'

let sent = 0
function say(cast: Cast, who: string, to: { recv_id: string } | { group_id: string }): Promise<string> {
  sent += 1
  const input = { client_msg_id: `d${sent}`, msg_type: 1, content: { text: { text: `said ${sent}` } } }
  return cast.refusal(who, 'message.send', { ...to, ...input })
}
const operator = { userId: '', sessionId: 'operator', platformId: 0, isOperator: true }
const remove = (cast: Cast, user_id: string) =>
  cast.core.dispatch(operator, 'operator.delete_user', { user_id })

/** Ann with everything an account can have; Bob is her friend and writes with her. */
async function full(store?: Store): Promise<Cast> {
  const cast = await castOf(store ? { store } : {})
  await cast.join('ann', 'bob', 'eve', 'fay')
  await cast.act('ann', 'user.update', { nickname: 'Ann Canary', avatar: 'canary.png', extra: '"canary"' })
  await cast.act('ann', 'user.set_status', { text: 'canary status' })
  await cast.act('bob', 'friend.request', { user_id: 'ann' })
  await cast.act('ann', 'friend.accept', { user_id: 'bob' })
  await cast.act('ann', 'friend.remark', { user_id: 'bob', remark: 'canary remark' })
  await cast.act('ann', 'friend.request', { user_id: 'eve', message: 'canary request' })
  await cast.act('fay', 'friend.request', { user_id: 'ann' })
  await say(cast, 'ann', { recv_id: 'bob' })
  await cast.act('ann', 'conversation.draft', { conversation_id: 'si_ann:bob', text: 'canary draft' })
  await cast.act('ann', 'message.schedule', {
    recv_id: 'bob',
    client_msg_id: 'later',
    msg_type: 1,
    content: { text: { text: 'canary later' } },
    at: cast.core.clock.now() + 60_000,
  })
  return cast
}

describe('a deleted account', () => {
  let server: Harness | undefined
  afterEach(async () => {
    await server?.stop()
    server = undefined
  })

  it('is gone at every door: sockets closed, tokens 1003, no login, its id taken for ever', async () => {
    server = await startHarness()
    const { url } = server
    const web = await signUp(url, 'ann', 5)
    const phone = await signIn(url, 'ann', 1)
    const bob = await signUp(url, 'bob')
    await bob.send({ recv_id: 'ann' }, 'hello')
    const [own, other] = [await web.socket(), await phone.socket()]
    expect((await own.ask(1016, { password: 'wrong' })).code).toBe(2008)
    expect((await own.ask(1016, { password: 'secret of ann' })).code).toBe(0)
    for (const socket of [own, other]) {
      expect((await socket.closed).code).toBe(4401)
      expect(socket.seen.at(-1)).toMatchObject({ id: 2002, data: { reason: 'revoked' } })
    }
    for (const who of [web, phone]) expect((await who.get('/user/info')).code).toBe(1003)
    const credentials = { user_id: 'ann', password: 'secret of ann' }
    expect(await call(url, 'POST', '/auth/login', credentials)).toMatchObject({ code: 2006 })
    expect(await call(url, 'POST', '/auth/register', credentials)).toMatchObject({ code: 2007 })
    expect((await bob.send({ recv_id: 'ann' }, 'still there?')).code).toBe(2006)
    await expect(server.service.getClient({ userId: 'ann' })).rejects.toMatchObject({
      kind: 'user_not_found',
    })
    const embedded = server.service.sendMessage({ sender: 'ann', receiver: 'bob', content: 'ghost' })
    await expect(embedded).rejects.toMatchObject({ kind: 'user_not_found' })
  })

  it('leaves nothing of its profile, its words to itself and its sign-ins in the store; what it sent stays', async () => {
    const cast = await full()
    await cast.act('ann', 'account.delete', { password: 'secret of ann' })
    const all = await dumpStore(cast.core.store, ['block'])
    expect(all.toLowerCase()).not.toContain('canary')
    expect(all).not.toContain('secret of ann')
    expect(all).toContain(`"body":"{\\"text\\":\\"said`)
    expect(await cast.core.store.get('relation_count', [['ann']])).toEqual([undefined])
    expect(await cast.core.store.list('timer', 'by_user', ['ann'])).toEqual([])
    const shown = await cast.act('bob', 'user.profile', { user_id: 'ann' })
    expect(shown).toEqual({
      id: 'ann',
      user_id: 'ann',
      nickname: 'ann',
      avatar: '',
      created_at: shown.created_at,
    })
    expect(await cast.act('bob', 'user.search', { query: 'ann' })).toEqual([])
  })

  it('is no friend any more, asks nobody and is asked by nobody; its friends are told', async () => {
    const cast = await full()
    const { position } = await cast.act('bob', 'sync.changes', {})
    const phone = await device(cast.core, 'bob')
    await remove(cast, 'ann')
    expect((await cast.act('bob', 'friend.list', {})).list).toEqual([])
    expect((await cast.act('eve', 'friend.requests', {})).list).toEqual([])
    const ended = { relation: { user_id: 'ann', is_friend: false, user: { nickname: 'ann' } } }
    expect((await phone.heard()).at(-1)).toMatchObject({ data: { changes: [ended] } })
    expect((await cast.act('bob', 'sync.changes', { position })).changes).toMatchObject([ended])
    const [count] = await cast.core.store.get('relation_count', [['bob']])
    expect(count).toMatchObject({ friends: 0 })
    for (const name of ['friend.request', 'block.add', 'friend.remark'] as const)
      expect(await cast.refusal('eve', name, { user_id: 'ann', remark: 'R' } as never)).toBe('user_not_found')
  })

  it('cannot be written to from the moment of its deletion, although the right to was remembered', async () => {
    const cast = await full()
    expect(await say(cast, 'bob', { recv_id: 'ann' })).toBe('done')
    await remove(cast, 'ann')
    expect(await say(cast, 'bob', { recv_id: 'ann' })).toBe('user_not_found')
    const { messages } = await cast.act('bob', 'message.pull', { conversation_id: 'si_ann:bob' })
    expect(messages).toHaveLength(2)
  })

  it('passes its groups to the longest-serving admin, else member; one of its own alone is dissolved', async () => {
    const cast = await castOf()
    await cast.join('ann', 'bob', 'eve', 'fay')
    const withAdmin = await cast.found('ann', { members: ['bob'], admins: ['eve'] })
    const withMember = await cast.found('ann', { members: ['bob'] })
    const alone = await cast.found('ann')
    const joined = await cast.found('fay', { members: ['ann', 'bob'] })
    await remove(cast, 'ann')
    expect((await cast.member(withAdmin, 'eve')).role_level).toBe(3)
    expect((await cast.member(withMember, 'bob')).role_level).toBe(3)
    expect((await cast.group(alone)).status).toBe(2)
    for (const id of [withAdmin, withMember, joined]) {
      expect((await cast.member(id, 'ann')).status).toBe(2)
      const { list } = (await cast.act('bob', 'group.members', { group_id: id, limit: 10 })) as never as {
        list: { user_id: string }[]
      }
      expect(list.map((m) => m.user_id)).not.toContain('ann')
    }
  })

  it('is deleted once: again it is not found', async () => {
    const cast = await full()
    await remove(cast, 'ann')
    await expect(remove(cast, 'ann')).rejects.toMatchObject({ kind: 'user_not_found' })
  })

  it('that was half deleted when the server stopped is finished at the next start', async () => {
    const store = await openStore('memory:')
    const cast = await full(store)
    const group = await cast.found('ann', { members: ['bob'] })
    // The first commit stands, then the store is gone.
    let commits = 0
    const failing: Store = {
      ...store,
      commit: async (propose) => {
        commits += 1
        if (commits > 1) throw new Error('the power is out')
        return store.commit(propose)
      },
    }
    const dying = await testCore({ store: failing, clock: cast.core.clock })
    const deletion = dying.dispatch(operator, 'operator.delete_user', { user_id: 'ann' })
    await expect(deletion).rejects.toMatchObject({ kind: 'send_failed' })
    expect((await cast.member(group, 'ann')).role_level).toBe(3)
    expect((await cast.act('bob', 'friend.list', {})).list).toHaveLength(1)
    const next = await testCore({ store, clock: cast.core.clock })
    await resumeDeletions(next.world)
    expect((await cast.member(group, 'bob')).role_level).toBe(3)
    expect(await store.list('timer', 'by_user', ['ann'])).toEqual([])
    expect((await cast.act('bob', 'friend.list', {})).list).toEqual([])
  })

  it('and a login, a request and an acceptance at the same time end with nobody in and nobody befriended', async () => {
    for (let i = 0; i < 10; i++) {
      const cast = await full()
      const two = await testCore({ store: cast.core.store, clock: cast.core.clock })
      const as = (userId: string) => ({ userId, sessionId: `s of ${userId}`, platformId: 5 })
      const nobody = { userId: '', sessionId: '', platformId: 0 }
      await Promise.allSettled([
        two.dispatch(as('ann'), 'friend.accept', { user_id: 'fay' }),
        two.dispatch(as('eve'), 'friend.request', { user_id: 'ann' }),
        two.dispatch(nobody, 'auth.login', { user_id: 'ann', password: 'secret of ann' }),
        remove(cast, 'ann'),
      ])
      const { store } = cast.core
      const sessions = await store.list('session', 'by_user', ['ann'])
      expect(sessions.filter((s) => s.state === 1)).toEqual([])
      const lists = await Promise.all(
        ['bob', 'eve', 'fay'].map((who) => store.list('relation', 'by_friend', [who, true])),
      )
      expect(lists.flat()).toEqual([])
      expect(await store.list('relation', 'by_owner', ['ann'])).toEqual([])
    }
  })
})
