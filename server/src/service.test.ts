import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createService, getOpenIMService, type HandlerMessage } from './index.ts'
import { openStore } from './storage/open.ts'
import { type Harness, startHarness } from './testing/harness.ts'
import { signUp } from './testing/wire.ts'

const running: Harness[] = []
async function start(options: Parameters<typeof startHarness>[0] = {}): Promise<Harness> {
  const harness = await startHarness(options)
  running.push(harness)
  return harness
}
afterEach(async () => {
  for (const harness of running.splice(0)) await harness.stop()
})

describe('getOpenIMService', () => {
  it('returns the running service by name and says clearly when none runs', async () => {
    expect(() => getOpenIMService('mine')).toThrow(/no service called "mine" runs/)
    const { service } = await start({ name: 'mine' })
    expect(getOpenIMService('mine')).toBe(service)
    await expect(createService({ name: 'mine' })).rejects.toThrow(/runs already/)
    await service.getServer().stop()
    expect(() => getOpenIMService('mine')).toThrow(/no service/)
  })
})

describe('embedded sending', () => {
  it('resolves with id and seq after the commit and reaches sockets as any message does', async () => {
    const { service, url } = await start()
    await signUp(url, 'ann')
    const bob = await signUp(url, 'bob')
    const socket = await bob.socket()
    const sent = await service.sendMessage({ sender: 'ann', receiver: 'bob', content: 'from inside' })
    expect(sent).toMatchObject({
      type: 'text',
      content: 'from inside',
      sender: 'ann',
      receiver: 'bob',
      group_id: '',
      sequence: 1,
      status: 'sent',
    })
    expect(JSON.stringify((await socket.next()).data)).toContain('from inside')
    await socket.close()
  })

  it('obeys the same rules: unknown sender, recipient, type and foreign group are refused', async () => {
    const { service, url } = await start()
    const ann = await signUp(url, 'ann')
    const { data } = await ann.post<{ id: string }>('/group/create', { name: 'G' })
    await signUp(url, 'bob')
    const send = (m: object) => service.sendMessage({ sender: 'ann', content: 'x', ...m })
    await expect(send({ sender: 'ghost', receiver: 'bob' })).rejects.toMatchObject({ kind: 'user_not_found' })
    await expect(send({ receiver: 'ghost' })).rejects.toMatchObject({ kind: 'user_not_found' })
    await expect(send({ sender: 'bob', group_id: data.id })).rejects.toMatchObject({ kind: 'not_member' })
    await expect(send({ receiver: 'bob', type: 'hologram' })).rejects.toMatchObject({
      kind: 'invalid_parameter',
    })
    await expect(send({})).rejects.toMatchObject({ kind: 'invalid_parameter' })
  })
})

describe('getClient', () => {
  it('is the real SDK over the same dispatch: it sends, hears others, and obeys the policy', async () => {
    const { service, url } = await start()
    await signUp(url, 'ann')
    const bob = await signUp(url, 'bob')
    const { data: group } = await bob.post<{ id: string }>('/group/create', { name: 'Not yours' })
    const client = await service.getClient({ userId: 'ann' })
    await client.connect()
    const heard: string[] = []
    client.on('message', (m) => void heard.push(m.content.text?.text ?? ''))
    const { acked } = client.send({ userId: 'bob' }, { type: 1, content: { text: { text: 'hello' } } })
    expect(await acked).toMatchObject({ seq: 1, senderId: 'ann', status: 'sent' })
    await bob.send({ recv_id: 'ann' }, 'hello yourself')
    await expect.poll(() => heard).toContain('hello yourself')
    const refused = client.send({ groupId: group.id }, { type: 1, content: { text: { text: 'x' } } })
    await expect(refused.acked).rejects.toMatchObject({ kind: 'not_member' })
    await expect(service.getClient({ userId: 'ghost' })).rejects.toMatchObject({ kind: 'user_not_found' })
    await client.disconnect()
    const { data } = await bob.post<{ status: number }[]>('/user/get_users_online_status', {
      user_ids: ['ann'],
    })
    expect(data[0]?.status).toBe(0)
  })
})

describe('handlers', () => {
  it('hear every stored message of their type in order, a throwing one harms nobody, unregistering works', async () => {
    const { service, url } = await start()
    const ann = await signUp(url, 'ann')
    const heard: string[] = []
    service.registerMessageHandler('text', () => {
      throw new Error('mine alone')
    })
    const off = service.registerMessageHandler('text', async (m: HandlerMessage) => {
      await new Promise((resolve) => setTimeout(resolve, 2))
      heard.push(m.content)
    })
    service.registerMessageHandler('image', (m) => void heard.push(m.type))
    for (let i = 0; i < 5; i++) await ann.send({ recv_id: 'ann' }, `n${i}`)
    await expect.poll(() => heard).toEqual(['n0', 'n1', 'n2', 'n3', 'n4'])
    off()
    await ann.send({ recv_id: 'ann' }, 'unheard')
    await ann.post('/msg/send', { client_msg_id: 'i', recv_id: 'ann', msg_type: 2, content: { image: 'x' } })
    await expect.poll(() => heard.at(-1)).toBe('image')
    expect(heard).not.toContain('unheard')
  })

  it('hear of people coming online once, going, groups founded, joined and left', async () => {
    const { service, url } = await start()
    const ann = await signUp(url, 'ann')
    const bob = await signUp(url, 'bob')
    const heard: string[] = []
    for (const event of [
      'user_online',
      'user_offline',
      'group_created',
      'user_joined',
      'user_left',
    ] as const) {
      service.registerEventHandler(event, () => void heard.push(event))
    }
    service.registerEventHandler('message_received', (m) => void heard.push(`message ${m.content}`))
    const [first, second] = [await ann.socket(), await ann.socket()]
    const { data } = await ann.post<{ id: string }>('/group/create', { name: 'G' })
    await bob.post('/group/join', { group_id: data.id })
    await bob.send({ group_id: data.id }, 'hi')
    await bob.post('/group/quit', { group_id: data.id })
    await first.close()
    await second.close()
    await expect.poll(() => heard.length).toBe(6)
    expect(heard.filter((h) => h === 'user_online')).toHaveLength(1)
    expect([...heard].sort()).toEqual(
      ['group_created', 'message hi', 'user_joined', 'user_left', 'user_offline', 'user_online'].sort(),
    )
  })
})

describe('configuration', () => {
  it('is shown with secrets masked', async () => {
    const secret = 'a secret of more than thirty-two bytes'
    const { service } = await start({ config: { 'jwt.secret': secret } })
    const shown = service.getConfig()
    expect(shown['jwt.secret']).toBe('***')
    expect(JSON.stringify(shown)).not.toContain(secret)
    expect(shown['websocket.max_message_size']).toBe(51_200)
  })

  it('refuses a published or short secret in release mode and replaces it in debug mode', async () => {
    const weak = { 'jwt.secret': 'your-secret-key' }
    await expect(start({ config: { ...weak, 'server.mode': 'release' } })).rejects.toThrow(
      /published example/,
    )
    await expect(start({ config: { 'jwt.secret': 'short', 'server.mode': 'release' } })).rejects.toThrow(
      /32 bytes/,
    )
    const warned: string[] = []
    const log = {
      debug: () => {},
      info: () => {},
      error: () => {},
      warn: (_: object, m: string) => void warned.push(m),
    }
    const { url } = await start({ log, config: { ...weak, 'server.host': '0.0.0.0' } })
    expect(warned.join()).toMatch(/generated one is used, on loopback only/)
    expect(url).toMatch(/127\.0\.0\.1/)
  })
})

const getOpenIMServiceOrNone = (name: string): unknown => {
  try {
    return getOpenIMService(name)
  } catch {
    return undefined
  }
}

describe('server', () => {
  it('that stops is not ready from then on, but serves until the load balancer has turned away', async () => {
    const leaving = await startHarness({ config: { 'server.drain_delay': 400 } })
    const ann = await signUp(leaving.url, 'ann')
    const socket = await ann.socket()
    expect((await fetch(`${leaving.url}/readyz`)).status).toBe(200)
    const stopped = leaving.stop()
    expect((await fetch(`${leaving.url}/readyz`)).status).toBe(503)
    expect(await leaving.service.getServer().health()).toMatchObject({ ready: false, connections: 1 })
    expect(await ann.get('/user/info')).toMatchObject({ code: 0 })
    const late = await ann.socket()
    const text = { recv_id: 'ann', client_msg_id: 'x', msg_type: 1, content: { text: 'x' } }
    expect(await late.ask(1003, text)).toMatchObject({ code: 0 })
    const codes = (await Promise.all([socket.closed, late.closed])).map((c) => c.code)
    expect(codes).toEqual([1012, 1012])
    await stopped
  })

  it('says in plain words that a port is taken', async () => {
    const blocker = createServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    const { port } = blocker.address() as { port: number }
    await expect(start({ name: 'busy', config: { 'server.http_port': port } })).rejects.toThrow(
      /is taken by another program/,
    )
    blocker.close()
    await getOpenIMService('busy').getServer().stop()
  })

  it('stops by answering what runs, telling sockets to come back with 1012, and keeping what was acked', async () => {
    const store = await openStore('memory:')
    const harness = await startHarness({ store: { ...store, close: async () => undefined } })
    const ann = await signUp(harness.url, 'ann')
    const socket = await ann.socket()
    const sends = Array.from({ length: 20 }, (_, i) =>
      socket.ask(1003, { client_msg_id: `s${i}`, recv_id: 'ann', msg_type: 1, content: { text: 'x' } }),
    )
    await sends[0]
    await harness.stop()
    expect((await socket.closed).code).toBe(1012)
    const answers = await Promise.all(sends)
    const acked = answers.filter((a) => a.code === 0)
    expect(await store.read('si_ann:ann', 1, 100, 100)).toHaveLength(acked.length)
    expect(acked.length).toBeGreaterThan(0)
  })

  it('lets go of the store only when what the embedding program sent is in it', async () => {
    const store = await openStore('memory:')
    let isOpen = true
    const harness = await startHarness({
      store: {
        ...store,
        commit: async (propose) => {
          await new Promise((resolve) => setTimeout(resolve, 100))
          if (!isOpen) throw new Error('the store is closed')
          return store.commit(propose)
        },
        close: async () => {
          isOpen = false
        },
      },
    })
    await signUp(harness.url, 'ann')
    const sent = harness.service.sendMessage({ sender: 'ann', receiver: 'ann', content: 'the last words' })
    const ended = Promise.allSettled([sent])
    await new Promise((resolve) => setTimeout(resolve, 20))
    await harness.stop()
    expect(await ended).toMatchObject([{ status: 'fulfilled', value: { sequence: 1 } }])
  })

  it('stops though requests are in flight on connections that are kept alive', async () => {
    const harness = await startHarness()
    const ann = await signUp(harness.url, 'ann')
    const asking = Array.from({ length: 20 }, () => ann.send({ recv_id: 'ann' }, 'x').catch(() => undefined))
    await Promise.race(asking)
    await harness.stop()
    expect(getOpenIMServiceOrNone(harness.service.name)).toBeUndefined()
    await Promise.all(asking)
  })

  it('refuses the socket beyond the limit with 5001 and serves /ws on a port of its own', async () => {
    const { url } = await start({ config: { 'websocket.max_conn_num': 1 } })
    const ann = await signUp(url, 'ann')
    const socket = await ann.socket()
    await expect(ann.socket()).rejects.toThrow(/503/)
    await socket.close()
    await expect
      .poll(
        async () =>
          (await ann.socket().then(
            (s) => s.close(),
            () => 'full',
          )) !== 'full',
      )
      .toBe(true)
  })
})
