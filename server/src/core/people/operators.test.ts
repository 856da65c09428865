import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testCore } from '../../testing/domain/core.ts'
import { type Harness, startHarness } from '../../testing/harness.ts'
import { call, signIn, signUp } from '../../testing/wire.ts'
import { stranger } from '../dispatch.ts'

let server: Harness
beforeAll(async () => {
  server = await startHarness()
})
afterAll(() => server.stop())

const login = (id: string, password = `secret of ${id}`) =>
  call(server.url, 'POST', '/auth/login', { user_id: id, password, platform_id: 5 })

describe('the operator', () => {
  it('makes accounts by the same rules as anybody', async () => {
    const { service } = server
    const made = await service.operate('operator.create_user', {
      user_id: 'made',
      password: 'secret of made',
      nickname: 'Made',
    })
    expect(made).toMatchObject({ user_id: 'made', nickname: 'Made' })
    expect((await login('made')).code).toBe(0)
    const again = service.operate('operator.create_user', { user_id: 'made', password: 'secret of made' })
    await expect(again).rejects.toMatchObject({ kind: 'user_exists' })
    const weak = service.operate('operator.create_user', { user_id: 'weak', password: 'short' })
    await expect(weak).rejects.toMatchObject({ kind: 'invalid_parameter' })
  })

  it('ends all sign-ins of a user, who may come back', async () => {
    const web = await signUp(server.url, 'out', 5)
    const phone = await signIn(server.url, 'out', 1)
    const socket = await phone.socket()
    await server.service.operate('operator.revoke_sessions', { user_id: 'out' })
    expect(await socket.next()).toMatchObject({ id: 2002, data: { reason: 'revoked' } })
    expect((await web.get('/user/info')).code).toBe(1003)
    expect((await login('out')).code).toBe(0)
  })

  it('is told of users that are not there', async () => {
    for (const name of ['ban', 'unban', 'revoke_sessions', 'delete_user'] as const) {
      const asked = server.service.operate(`operator.${name}`, { user_id: 'ghost' })
      await expect(asked).rejects.toMatchObject({ kind: 'user_not_found' })
    }
  })

  it('is nobody who comes through a door: no route and no frame leads there', async () => {
    const ann = await signUp(server.url, 'ann')
    for (const path of ['/operator/ban', '/operator.ban'])
      expect((await ann.post(path, { user_id: 'ann' })).code).toBe(1005)
    const core = await testCore()
    const caller = await core.person('ann')
    for (const who of [caller, stranger(undefined)]) {
      const asked = core.dispatch(who, 'operator.ban', { user_id: 'ann' })
      await expect(asked).rejects.toMatchObject({ kind: 'operators_only' })
    }
  })
})

describe('a suspended account', () => {
  it('has its sockets closed, its requests refused with 1004 and its login with 2005', async () => {
    const web = await signUp(server.url, 'ban1')
    const socket = await web.socket()
    await server.service.operate('operator.ban', { user_id: 'ban1' })
    expect(await socket.next()).toMatchObject({ id: 2002, data: { reason: 'revoked' } })
    expect((await socket.closed).code).toBe(4401)
    expect(await web.get('/user/info')).toMatchObject({
      status: 403,
      code: 1004,
      data: { error: 'banned' },
    })
    await expect(web.socket()).rejects.toThrow('403')
    expect(await login('ban1')).toMatchObject({ status: 401, code: 2005 })
    expect(await login('ban1', 'wrong password')).toMatchObject({ code: 2008 })
    await expect(server.service.getClient({ userId: 'ban1' })).rejects.toMatchObject({ kind: 'banned' })
  })

  it('is free again when it is lifted; the ended sign-ins stay ended', async () => {
    const web = await signUp(server.url, 'ban2')
    await server.service.operate('operator.ban', { user_id: 'ban2' })
    await server.service.operate('operator.unban', { user_id: 'ban2' })
    expect((await web.get('/user/info')).code).toBe(1003)
    expect((await login('ban2')).code).toBe(0)
  })

  it('until a time is free after it by itself, and is told until when', async () => {
    const core = await testCore()
    await core.person('ann')
    const nobody = stranger(undefined)
    const enter = () =>
      core.dispatch(nobody, 'auth.login', { user_id: 'ann', password: 'secret of ann', platform_id: 5 })
    const operator = { ...nobody, isOperator: true }
    const { refresh_token } = await enter()
    const until = core.clock.now() + 60_000
    await core.dispatch(operator, 'operator.ban', { user_id: 'ann', until })
    await expect(core.dispatch(nobody, 'auth.refresh', { refresh_token })).rejects.toMatchObject({
      kind: 'banned',
      until,
    })
    await expect(enter()).rejects.toMatchObject({ kind: 'login_failed' })
    core.clock.advance(60_000)
    expect((await enter()).user_info.user_id).toBe('ann')
    const past = core.dispatch(operator, 'operator.ban', { user_id: 'ann', until: core.clock.now() })
    await expect(past).rejects.toMatchObject({ kind: 'invalid_parameter' })
  })

  it('keeps nobody in who logs in while it is being suspended', async () => {
    for (let i = 0; i < 20; i++) {
      const core = await testCore()
      await core.person('ann')
      const nobody = stranger(undefined)
      const [entered] = await Promise.allSettled([
        core.dispatch(nobody, 'auth.login', { user_id: 'ann', password: 'secret of ann' }),
        core.dispatch({ ...nobody, isOperator: true }, 'operator.ban', { user_id: 'ann' }),
      ])
      const rows = await core.store.list('session', 'by_user', ['ann'])
      expect(rows.map((r) => r.state)).toEqual(entered.status === 'fulfilled' ? [4] : [])
    }
  })
})
