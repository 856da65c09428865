import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openMemoryStore } from '../storage/memory.ts'
import { type Harness, startHarness } from '../testing/harness.ts'
import { call, type Person, signIn, signUp } from '../testing/wire.ts'

let server: Harness
let ann: Person
let bob: Person
beforeAll(async () => {
  server = await startHarness()
  ann = await signUp(server.url, 'ann')
  bob = await signUp(server.url, 'bob')
})
afterAll(() => server.stop())

let ids = 0
const text = (to: string, words: string, id = `m${ids++}`): object => ({
  client_msg_id: id,
  recv_id: to,
  session_type: 1,
  msg_type: 1,
  content: { text: words },
})

describe.each(['nexo', 'nexo.v1'] as const)('socket with the %s codec', (codec) => {
  it('answers a send before that message is pushed to the sender, and pushes it to the other side', async () => {
    const mine = await ann.socket(codec)
    const theirs = await bob.socket(codec)
    const answer = await mine.ask(1003, text('bob', 'hello'))
    expect(answer.code).toBe(0)
    const pushed = await theirs.next()
    const own = await mine.next()
    expect(pushed.id).toBe(2001)
    expect(own.data).toEqual(pushed.data)
    expect(mine.seen.map((f) => f.id)).toEqual([1003, 2001])
    const { seq, server_msg_id } = answer.data as { seq: number; server_msg_id: number }
    const [message] =
      (pushed.data as { msgs: Record<string, Record<string, unknown>[]> }).msgs['si_ann:bob'] ?? []
    expect(message).toMatchObject({ seq, server_msg_id, id: server_msg_id, sender_id: 'ann', recv_id: 'bob' })
    expect(message?.['content']).toEqual(codec === 'nexo' ? { text: 'hello' } : { text: { text: 'hello' } })
    expect(message).not.toHaveProperty('content_text')
    await Promise.all([mine.close(), theirs.close()])
  })

  it('answers pipelined requests in the order received, sends with rising seq', async () => {
    const socket = await ann.socket(codec)
    const asked: Promise<{ data: unknown }>[] = []
    for (let i = 0; i < 20; i++) asked.push(socket.ask(1003, text('bob', `n${i}`)))
    asked.push(socket.ask(1006, { conversation_id: 'si_ann:bob' }))
    const answers = await Promise.all(asked)
    const seqs = answers.slice(0, 20).map((a) => (a.data as { seq: number }).seq)
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
    expect(answers[20]?.data).toMatchObject({ max_seq: seqs.at(-1) })
    const order = socket.seen.filter((f) => f.incr !== '').map((f) => Number(f.incr))
    expect(order).toEqual([...order].sort((a, b) => a - b))
    await socket.close()
  })

  it('answers a send that is refused at once behind the one before it, which must be stored first', async () => {
    const socket = await ann.socket(codec)
    const asked = [text('bob', 'fine'), text('nobody', 'refused'), text('bob', 'fine'), { msg_type: 1 }]
    const answers = await Promise.all(asked.map((data) => socket.ask(1003, data)))
    expect(answers.map((a) => a.code)).toEqual([0, 2006, 0, 1001])
    expect(socket.seen.filter((f) => f.incr !== '').map((f) => f.incr)).toEqual(['1', '2', '3', '4'])
    await socket.close()
  })

  it('stays open after a frame it cannot read and says 5003', async () => {
    const socket = await ann.socket(codec)
    for (const bad of [
      '',
      '{',
      '[]',
      'null',
      '"x"',
      '{"req_identifier":"1003"}',
      '{"req_identifier":1e99}',
    ]) {
      socket.write(codec === 'nexo' ? Buffer.from(bad) : bad)
      expect(await socket.next()).toMatchObject({ code: 5003, message: 'invalid protocol', id: 0 })
    }
    const unknown = '{"req_identifier":4242,"msg_incr":"x","operation_id":"op","data":{}}'
    socket.write(codec === 'nexo' ? Buffer.from(unknown) : unknown)
    expect(await socket.next()).toMatchObject({ id: 4242, incr: 'x', operationId: 'op', code: 5003 })
    expect((await socket.ask(1006, { conversation_id: 'si_ann:bob' })).code).toBe(0)
    await socket.close()
  })

  it('tells a business error with its code and text and leaves the data null', async () => {
    const socket = await ann.socket(codec)
    const answer = await socket.ask(1003, text('nobody', 'x'))
    expect(answer).toMatchObject({ code: 2006, message: 'errcode: 2006, msg: user not found' })
    expect(answer.data).toBeUndefined()
    expect(await socket.ask(1003, undefined)).toMatchObject({ code: 1001 })
    await socket.close()
  })

  it('refuses a foreign send_id with 2004', async () => {
    const socket = await ann.socket(codec)
    const frame = '{"req_identifier":1006,"msg_incr":"9","operation_id":"","send_id":"bob","data":null}'
    socket.write(codec === 'nexo' ? Buffer.from(frame) : frame)
    expect(await socket.next()).toMatchObject({
      id: 1006,
      incr: '9',
      code: 2004,
      message: 'user Id mismatch',
    })
    await socket.close()
  })

  it('closes with 1009 one byte above the frame limit and takes the limit itself', async () => {
    const socket = await ann.socket(codec)
    socket.write('x'.repeat(51_200))
    expect((await socket.next()).code).toBe(5003)
    socket.write('x'.repeat(51_201))
    expect((await socket.closed).code).toBe(1009)
  })
})

describe('data of a frame', () => {
  it('must be padded base64 without a subprotocol and an object under nexo.v1', async () => {
    const classic = await ann.socket('nexo')
    for (const data of ['"!!"', '"eyI"', '{}', '"eyJhIjog"']) {
      classic.write(Buffer.from(`{"req_identifier":1006,"msg_incr":"a","operation_id":"","data":${data}}`))
      expect((await classic.next()).code).toBe(5003)
    }
    const modern = await ann.socket('nexo.v1')
    modern.write('{"req_identifier":1006,"msg_incr":"a","operation_id":"","data":"eyJhIjoxfQ=="}')
    expect((await modern.next()).code).toBe(5003)
    modern.write(Buffer.from('{"req_identifier":1006,"msg_incr":"a","operation_id":"","data":{}}'))
    expect((await modern.next()).code).toBe(5003)
    for (const data of ['""', '[]', '7', 'true']) {
      modern.write(`{"req_identifier":1006,"msg_incr":"b","operation_id":"","data":${data}}`)
      expect((await modern.next()).code).toBe(1001)
    }
    await Promise.all([classic.close(), modern.close()])
  })
})

async function handshake(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; code: number }> {
  const answer = await fetch(server.url + path, { headers })
  return { status: answer.status, code: ((await answer.json()) as { code: number }).code }
}

describe('handshake', () => {
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }
  const raw = async (
    path: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; code: number }> => {
    const { request } = await import('node:http')
    const { port } = new URL(server.url)
    return new Promise((resolve, reject) => {
      const asked = request(
        { host: '127.0.0.1', port, path, headers: { ...upgrade, ...headers } },
        (answer) => {
          let body = ''
          answer.on('data', (chunk) => (body += chunk))
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, code: JSON.parse(body).code }))
        },
      )
      asked.on('upgrade', (answer, socket) => {
        socket.destroy()
        resolve({ status: answer.statusCode ?? 0, code: 0 })
      })
      asked.on('error', reject)
      asked.end()
    })
  }

  it('is refused before the upgrade with status and code', async () => {
    expect(await raw('/ws')).toEqual({ status: 401, code: 2003 })
    expect(await raw('/ws?token=garbage')).toEqual({ status: 401, code: 2001 })
    expect(await raw(`/ws?token=${ann.token}&send_id=bob`)).toEqual({ status: 401, code: 2004 })
    expect(await raw(`/ws?token=${ann.token}&platform_id=1`)).toEqual({ status: 401, code: 2004 })
    expect(await raw(`/ws?token=${ann.token}`, { origin: 'http://evil.example' })).toEqual({
      status: 403,
      code: 1004,
    })
    expect(await raw(`/ws?token=${ann.token}`, { origin: 'null' })).toEqual({ status: 403, code: 1004 })
    const other = { 'sec-websocket-protocol': 'other' }
    expect(await raw(`/ws?token=${ann.token}`, other)).toEqual({ status: 400, code: 5003 })
    for (const path of ['/elsewhere', '//', '/%', '/ws/']) {
      expect(await raw(path)).toEqual({ status: 404, code: 1005 })
    }
  })

  it('takes the token alone, in the query or the header, from no origin or our own', async () => {
    expect((await raw(`/ws?token=${ann.token}`)).status).toBe(101)
    expect((await raw('/ws', { authorization: `Bearer ${ann.token}` })).status).toBe(101)
    expect((await raw(`/ws?token=${ann.token}&send_id=ann&platform_id=5&sdk_type=js`)).status).toBe(101)
    expect((await raw(`/ws?token=${ann.token}`, { origin: server.url.toUpperCase() })).status).toBe(101)
  })

  it('without an upgrade is answered with 5003', async () => {
    expect(await handshake(`/ws?token=${ann.token}`)).toEqual({ status: 400, code: 5003 })
  })
})

describe('end of a session', () => {
  it('a login on the same platform kicks the older socket with 2002 and 4401, others stay', async () => {
    const carl = await signUp(server.url, 'carl', 5)
    const phone = await signIn(server.url, 'carl', 1)
    const web = await carl.socket('nexo')
    const mobile = await phone.socket('nexo')
    const again = await signIn(server.url, 'carl', 5)
    expect(await web.next()).toMatchObject({ id: 2002, data: { reason: 'login', platform_id: 5 } })
    expect((await web.closed).code).toBe(4401)
    expect((await carl.get('/user/info')).code).toBe(1003)
    expect((await again.get('/user/info')).code).toBe(0)
    expect((await mobile.ask(1006, { conversation_id: 'si_carl:carl' })).code).toBe(0)
    await mobile.close()
  })

  it('a logout closes its sockets and ends the token', async () => {
    const dora = await signUp(server.url, 'dora')
    const socket = await dora.socket()
    expect((await dora.post('/auth/logout')).code).toBe(0)
    expect((await socket.closed).code).toBe(4401)
    expect(await dora.get('/user/info')).toMatchObject({ status: 401, code: 1003 })
    expect((await call(server.url, 'GET', '/ws')).code).not.toBe(0)
  })
})

it('a refused send does not make those behind it wait for the answers before it', async () => {
  const gate = Promise.withResolvers<void>()
  const inner = openMemoryStore()
  let isShut = false
  const commit: typeof inner.commit = async (propose) => {
    if (isShut) await gate.promise
    return inner.commit(propose)
  }
  const slow = await startHarness({ store: { ...inner, commit } })
  try {
    const cid = await signUp(slow.url, 'cid')
    await signUp(slow.url, 'dan')
    const socket = await cid.socket('nexo.v1')
    expect((await socket.ask(1003, text('dan', 'first'))).code).toBe(0)
    const seen: string[] = []
    slow.service.registerBeforeHook('message.send', ({ client_msg_id }) => void seen.push(client_msg_id))
    isShut = true
    const asked = [text('dan', 'a', 'a'), text('nobody', 'b', 'b'), text('dan', 'c', 'c')]
    const answers = Promise.all(asked.map((data) => socket.ask(1003, data)))
    await expect.poll(() => seen).toEqual(['a', 'c'])
    gate.resolve()
    expect((await answers).map(({ code }) => code)).toEqual([0, 2006, 0])
    await socket.close()
  } finally {
    gate.resolve()
    await slow.stop()
  }
})
