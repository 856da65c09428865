import { type EventData, openTo } from '@nexo-im/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type TestCore, testCore } from '../../testing/domain/core.ts'
import { type Device, device } from '../../testing/domain/device.ts'
import { type Harness, startHarness } from '../../testing/harness.ts'
import { call, signIn, signUp } from '../../testing/wire.ts'
import { defaultCaps } from '../caps.ts'
import type { Rules } from '../world.ts'
import { sweepSockets } from './presence.ts'

const as = (userId: string) => ({ userId, sessionId: `s of ${userId}`, platformId: 5 })

/** Bob watches Ann over a socket; they are friends. */
async function setUp(rules: Partial<Rules> = {}): Promise<{ core: TestCore; bob: Device }> {
  const core = await testCore({ rules: { sessionPolicy: 'many', ...rules } })
  for (const id of ['ann', 'bob', 'eve']) await core.person(id)
  await core.dispatch(as('bob'), 'friend.request', { user_id: 'ann' })
  await core.dispatch(as('ann'), 'friend.accept', { user_id: 'bob' })
  const bob = await device(core, 'bob')
  return { core, bob }
}
const watch = (core: TestCore, who: Device, ...user_ids: string[]) =>
  core.dispatch(who.caller, 'presence.subscribe', { user_ids })
const online = async (core: TestCore, asker: string, ...user_ids: string[]) =>
  core.dispatch(as(asker), 'presence.get', { user_ids })
/** What a watcher was told of comings and goings: `+ann`, `-ann`. */
async function seen(who: Device): Promise<string[]> {
  const told = (await who.heard()).filter((t) => t.name.startsWith('user_'))
  return told.map((t) => `${t.name === 'user_online' ? '+' : '-'}${(t.data as { user_id: string }).user_id}`)
}

describe('watching somebody', () => {
  it('tells of the first device that comes and the last one that goes, and of none between', async () => {
    const { core, bob } = await setUp()
    const events: string[] = []
    core.hooks.onEvent('user_online', (e) => void events.push(`+${e.user_id}`))
    core.hooks.onEvent('user_offline', (e) => void events.push(`-${e.user_id}`))
    expect(await watch(core, bob, 'ann')).toEqual([{ user_id: 'ann', status: 0 }])
    const phone = await device(core, 'ann', { platform_id: 1 })
    const web = await device(core, 'ann', { platform_id: 5 })
    phone.leave()
    expect(await seen(bob)).toEqual(['+ann'])
    web.leave()
    expect(await seen(bob)).toEqual(['-ann'])
    expect(events).toEqual(['+ann', '-ann'])
  })

  it('names the platforms, the newest one, and afterwards when they were last there', async () => {
    const { core, bob } = await setUp()
    const phone = await device(core, 'ann', { platform_id: 1 })
    const web = await device(core, 'ann', { platform_id: 5 })
    const now = {
      user_id: 'ann',
      status: 1,
      platform: 'Web',
      detail_platform_status: [
        { platform_id: 1, platform_name: 'iOS', conn_id: phone.session.connId },
        { platform_id: 5, platform_name: 'Web', conn_id: web.session.connId },
      ],
    }
    expect(await watch(core, bob, 'ann')).toEqual([now])
    expect(await online(core, 'bob', 'ann', 'ghost')).toEqual([now, { user_id: 'ghost', status: 0 }])
    phone.leave()
    core.clock.advance(5000)
    web.leave()
    const gone = { user_id: 'ann', status: 0, last_seen_at: core.clock.now() }
    expect(await bob.heard()).toEqual([{ name: 'user_offline', data: gone }])
    core.clock.advance(5000)
    expect(await online(core, 'bob', 'ann')).toEqual([gone])
  })

  it('goes on for what was asked last, and ends with the socket', async () => {
    const { core, bob } = await setUp()
    await watch(core, bob, 'ann', 'eve')
    await watch(core, bob, 'eve')
    const ann = await device(core, 'ann')
    const eve = await device(core, 'eve')
    expect(await seen(bob)).toEqual(['+eve'])
    bob.leave()
    ann.leave()
    eve.leave()
    expect(core.world.presence.watching.of('eve')).toEqual([])
  })

  it('is for sockets, and for as many users as the cap allows', async () => {
    const { core, bob } = await setUp({ caps: { ...defaultCaps, subscriptions: 2 } })
    const three = watch(core, bob, 'a', 'b', 'c')
    await expect(three).rejects.toMatchObject({ kind: 'cap_reached' })
    expect(await watch(core, bob, 'ann', 'eve', 'ann')).toHaveLength(3)
    const plain = core.dispatch(as('bob'), 'presence.subscribe', { user_ids: ['ann'] })
    await expect(plain).rejects.toMatchObject({ kind: 'invalid_protocol' })
  })
})

describe('who may not see somebody', () => {
  it.each([
    ['by the setting for friends', 'eve', openTo.friends],
    ['by the setting for nobody', 'bob', openTo.nobody],
  ])('%s finds them offline with nothing else, and is told nothing', async (_, watcher, see_online) => {
    const { core } = await setUp()
    await core.dispatch(as('ann'), 'privacy.update', { see_online })
    const socket = await device(core, watcher, { platform_id: 2 })
    const hidden = [{ user_id: 'ann', status: 0 }]
    expect(await watch(core, socket, 'ann')).toEqual(hidden)
    const phone = await device(core, 'ann')
    expect(await online(core, watcher, 'ann')).toEqual(hidden)
    phone.leave()
    expect(await online(core, watcher, 'ann')).toEqual(hidden)
    expect(await seen(socket)).toEqual([])
    expect((await online(core, 'ann', 'ann'))[0]).toHaveProperty('last_seen_at')
  })

  it('because of a block finds them offline too, from that moment on, and sees them again after it', async () => {
    const { core, bob } = await setUp()
    const phone = await device(core, 'ann')
    await watch(core, bob, 'ann')
    await core.dispatch(phone.caller, 'block.add', { user_id: 'bob' })
    expect(await seen(bob)).toEqual(['-ann'])
    expect(await online(core, 'bob', 'ann')).toEqual([{ user_id: 'ann', status: 0 }])
    phone.leave()
    const again = await device(core, 'ann')
    expect(await seen(bob)).toEqual([])
    await core.dispatch(again.caller, 'block.remove', { user_id: 'bob' })
    expect(await seen(bob)).toEqual(['+ann'])
  })

  it('is judged again for open subscriptions when a setting or a friendship changes', async () => {
    const { core, bob } = await setUp()
    const eve = await device(core, 'eve')
    const phone = await device(core, 'ann')
    for (const who of [bob, eve]) await watch(core, who, 'ann')
    await core.dispatch(phone.caller, 'privacy.update', { see_online: openTo.friends })
    expect([await seen(bob), await seen(eve)]).toEqual([[], ['-ann']])
    await core.dispatch(as('eve'), 'friend.request', { user_id: 'ann' })
    await core.dispatch(phone.caller, 'friend.accept', { user_id: 'eve' })
    expect([await seen(bob), await seen(eve)]).toEqual([[], ['+ann']])
    await core.dispatch(phone.caller, 'friend.delete', { user_id: 'bob' })
    expect([await seen(bob), await seen(eve)]).toEqual([['-ann'], []])
    await core.dispatch(phone.caller, 'privacy.update', { see_online: openTo.everyone })
    expect([await seen(bob), await seen(eve)]).toEqual([['+ann'], []])
  })

  it('hears nothing of a coming that falls between the change and its verdict, until that allows it', async () => {
    const { core, bob } = await setUp()
    const { watching } = core.world.presence
    await watch(core, bob, 'ann')
    const stamp = watching.close('ann')
    const phone = await device(core, 'ann')
    expect(await seen(bob)).toEqual([])
    expect(watching.open('ann', stamp, new Set(['bob'])).appeared).toEqual([bob.session])
    phone.leave()
    expect(await seen(bob)).toEqual(['-ann'])
  })

  it('is never let in by a verdict on what has changed since', async () => {
    const { core, bob } = await setUp()
    const { watching } = core.world.presence
    const asked = watching.subscribe(bob.session, ['ann'])
    const first = watching.close('ann')
    const second = watching.close('ann')
    watching.settle(bob.session, asked, new Set(['ann']))
    watching.open('ann', first, new Set(['bob']))
    await device(core, 'ann')
    expect(await seen(bob)).toEqual([])
    expect(watching.open('ann', second, new Set()).appeared).toEqual([])
  })
})

describe('a custom status', () => {
  it('is shown in the profile until it runs out, and reaches the own other devices', async () => {
    const { core } = await setUp()
    const phone = await device(core, 'ann')
    const pad = await device(core, 'ann', { platform_id: 9 })
    const until = core.clock.now() + 60_000
    const status = { text: 'in a meeting', emoji: '📅', until }
    const profile = () => core.dispatch(as('bob'), 'user.profile', { user_id: 'ann' })
    await core.dispatch(phone.caller, 'user.set_status', status)
    expect((await profile()).status).toEqual(status)
    expect(await pad.heard()).toMatchObject([{ data: { changes: [{ profile: { status } }] } }])
    core.clock.advance(60_000)
    expect(await profile()).not.toHaveProperty('status')
    const past = core.dispatch(phone.caller, 'user.set_status', status)
    await expect(past).rejects.toMatchObject({ kind: 'invalid_parameter' })
    await core.dispatch(phone.caller, 'user.set_status', { text: 'back' })
    await core.dispatch(phone.caller, 'user.set_status', {})
    expect(await profile()).not.toHaveProperty('status')
  })
})

describe('a dead link', () => {
  it('counts as gone within the heartbeat limit and one look at the sockets', async () => {
    const { core, bob } = await setUp()
    await watch(core, bob, 'ann')
    const phone = await device(core, 'ann')
    await seen(bob)
    for (let second = 0; second < 29; second++) {
      core.clock.advance(1000)
      bob.session.heard()
      sweepSockets({ presence: core.world.presence, clock: core.clock })
    }
    expect(await seen(bob)).toEqual([])
    core.clock.advance(1000)
    bob.session.heard()
    sweepSockets({ presence: core.world.presence, clock: core.clock })
    expect(await seen(bob)).toEqual(['-ann'])
    expect(phone.closed()).toBe('1012 no sign of life')
  })

  describe('over the network', () => {
    let server: Harness
    afterEach(() => server.stop())

    it('is told to watchers within pong_wait and a second', async () => {
      server = await startHarness({
        config: { 'websocket.pong_wait': 1500, 'websocket.ping_period': 500 },
      })
      await signUp(server.url, 'ann')
      const bob = await signUp(server.url, 'bob')
      const socket = await bob.socket()
      await socket.ask(1025, { user_ids: ['ann'] })
      const { token } = await signIn(server.url, 'ann')
      const dead = new WebSocket(`${server.url.replace('http', 'ws')}/ws?token=${token}`, {
        autoPong: false,
      })
      expect(await socket.next()).toMatchObject({ id: 2003, data: { user_id: 'ann', status: 1 } })
      // The link dies: nothing arrives any more and nothing is answered, not even the closing.
      const silentSince = Date.now()
      dead.pause()
      const gone = await socket.next()
      expect(gone).toMatchObject({ id: 2004, data: { user_id: 'ann', status: 0 } })
      // What a busy machine may add; a peer that answers no closing is let go two seconds later.
      const late = 900
      const { last_seen_at: at = 0 } = gone.data as EventData<'user_offline'>
      expect(at - silentSince).toBeLessThan(1500 + 1000 + late)
      dead.terminate()
      await socket.close()
    })

    it('that is closed in order is told at once, and last seen survives a restart', async () => {
      server = await startHarness({ onFile: true })
      const ann = await signUp(server.url, 'ann')
      const bob = await signUp(server.url, 'bob')
      const [phone, socket] = [await ann.socket(), await bob.socket()]
      await socket.ask(1025, { user_ids: ['ann'] })
      await phone.close()
      expect(await socket.next()).toMatchObject({ id: 2004, data: { user_id: 'ann' } })
      await ann.socket()
      const { dataFolder } = server
      const before = Date.now()
      await server.service.getServer().stop()
      server = await startHarness({ dataFolder })
      const body = { user_ids: ['ann'] }
      const path = '/user/get_users_online_status'
      const { data } = await call(server.url, 'POST', path, body, bob.token)
      const [{ last_seen_at: at } = { last_seen_at: 0 }] = data as { last_seen_at: number }[]
      expect(at).toBeGreaterThanOrEqual(before)
    })
  })
})
