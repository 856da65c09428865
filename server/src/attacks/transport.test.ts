import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startProgram } from '../testing/program.ts'
import { call, type Person, signUp } from '../testing/wire.ts'
import { dial, exchange, frame, openRaw, statusesIn } from './raw.ts'
import { startTarget, type Target } from './target.ts'

let target: Target
let ann: Person
/** Opened at the start, because nobody else has to wait while they are waited for. */
let slow: { name: string; socket: Socket; closed: Promise<number> }[]
beforeAll(async () => {
  target = await startTarget({ config: { 'limits.requests_per_minute': 1e9 } })
  ann = await target.person('ann')
  slow = await Promise.all(slowRequests().map(open))
})
afterAll(() => target.close())

const text = 1
const binary = 2
const ping = 9
// A worker of the runner has no flag for it from its start.
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const alive = async (): Promise<void> => expect((await ann.get('/user/info')).code).toBe(0)

describe('A33 frames', () => {
  const limit = 51_200
  const wrong: [string, () => Buffer, number][] = [
    ['an unmasked frame', () => frame({ opcode: text, payload: '{}', masked: false }), 1002],
    ['a reserved bit', () => frame({ opcode: text, payload: '{}', rsv: 4 }), 1002],
    ['an unknown opcode', () => frame({ opcode: 3, payload: '{}' }), 1002],
    ['an unknown control opcode', () => frame({ opcode: 11, payload: '' }), 1002],
    ['a ping of 126 bytes', () => frame({ opcode: ping, payload: 'x'.repeat(126) }), 1002],
    ['a ping in fragments', () => frame({ opcode: ping, payload: 'x', fin: false }), 1002],
    ['a continuation of nothing', () => frame({ opcode: 0, payload: 'x' }), 1002],
    [
      'a message inside another',
      () =>
        Buffer.concat([
          frame({ opcode: text, payload: '{', fin: false }),
          frame({ opcode: text, payload: '}' }),
        ]),
      1002,
    ],
    ['text that is no UTF-8', () => frame({ opcode: text, payload: Buffer.from([0xff, 0xfe]) }), 1007],
    [
      'a close code that nobody may send',
      () => frame({ opcode: 8, payload: Buffer.from([0x03, 0xed]) }),
      1002,
    ],
    ['a close of one byte', () => frame({ opcode: 8, payload: Buffer.from([3]) }), 1002],
    ['a header that claims an exabyte', () => frame({ opcode: text, payload: 'x', claims: 2 ** 52 }), 1009],
    [
      'a header that claims one byte too many',
      () => frame({ opcode: text, payload: 'x', claims: limit + 1 }),
      1009,
    ],
    [
      'fragments that add up to too much',
      () =>
        Buffer.concat([
          frame({ opcode: text, payload: 'x'.repeat(limit), fin: false }),
          frame({ opcode: 0, payload: 'x', fin: false }),
        ]),
      1009,
    ],
  ]
  it.each(wrong)('A33 %s closes its socket with the code for it', async (_, bytes, code) => {
    const socket = await openRaw(target.url, ann.token)
    socket.tcp.write(bytes())
    expect(await socket.closed).toBe(code)
    await alive()
  })

  it('A33 a million fragments of nothing close their socket and hold no memory', async () => {
    const socket = await openRaw(target.url, ann.token)
    const piece = frame({ opcode: 0, payload: '', fin: false })
    const before = process.memoryUsage().rss
    socket.tcp.write(frame({ opcode: text, payload: '', fin: false }))
    for (let i = 0; i < 100 && !socket.tcp.destroyed; i++) {
      socket.tcp.write(Buffer.concat(Array.from({ length: 10_000 }, () => piece)))
      await sleep(1)
    }
    expect([1002, 1008, 1009]).toContain(await socket.closed)
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20)
  })

  it.each([
    ['pings', () => frame({ opcode: ping, payload: 'p'.repeat(125) })],
    ['frames that are none', () => frame({ opcode: text, payload: '{'.repeat(60) })],
    [
      'requests',
      () =>
        frame({
          opcode: text,
          payload: '{"req_identifier":1020,"msg_incr":"1","operation_id":"","data":{}}',
        }),
    ],
  ])(
    'A33 who sends %s without end and reads no answer is let go before they cost memory',
    async (name, make) => {
      const flooder = await target.person(`flooder of ${name}`)
      const socket = await openRaw(target.url, flooder.token)
      socket.tcp.pause()
      const bytes = Buffer.concat(Array.from({ length: 2000 }, make))
      collect()
      const before = process.memoryUsage()
      let written = 0
      const enough = 256 * 2 ** 20
      const gone = new Promise<void>((resolve) => socket.tcp.on('close', () => resolve()))
      while (!socket.tcp.destroyed && written < enough) {
        written += bytes.length
        if (socket.tcp.write(bytes)) continue
        const drained = new Promise<void>((resolve) => socket.tcp.once('drain', () => resolve()))
        await Promise.race([drained, gone, sleep(5000)])
      }
      // What is kept counts, and not what nobody has collected yet.
      collect()
      const { arrayBuffers, external, heapUsed } = process.memoryUsage()
      const grown =
        arrayBuffers + external + heapUsed - before.arrayBuffers - before.external - before.heapUsed
      socket.tcp.destroy()
      expect(written).toBeLessThan(enough)
      expect(grown).toBeLessThan(96 * 2 ** 20)
      await alive()
    },
  )

  it('A33 who never answers a close is let go all the same', async () => {
    const dora = await target.person('dora')
    const socket = await openRaw(target.url, dora.token)
    await dora.post('/auth/logout')
    expect(await socket.closed).toBe(4401)
    expect(socket.tcp.readableEnded || socket.tcp.destroyed).toBe(true)
  })

  it('A33 binary where text is due is refused, and the socket goes on', async () => {
    const socket = await ann.socket()
    socket.write(Buffer.from('{"req_identifier":1020,"msg_incr":"1","operation_id":"","data":{}}'))
    expect((await socket.next()).code).toBe(5003)
    expect((await socket.ask(1020, {})).code).toBe(0)
    await socket.close()
  })
})

/** What is begun and never ended, by how far it got. */
function slowRequests(): [string, string][] {
  const head =
    'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n'
  return [
    ['nothing at all', ''],
    ['half a request line', 'GET /hea'],
    ['headers without an end', head],
    ['a body without an end', `${head}\r\n{"user_id":`],
    [
      'an upgrade without an end',
      `GET /ws?token=x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`,
    ],
  ]
}

async function open([name, start]: [string, string]): Promise<(typeof slow)[number]> {
  const socket = await dial(target.url)
  const began = performance.now()
  socket.write(start)
  socket.resume()
  const drip = setInterval(() => socket.write(name.startsWith('headers') ? 'X-A: b\r\n' : ''), 500)
  const closed = once(socket, 'close').then(() => {
    clearInterval(drip)
    return performance.now() - began
  })
  return { name, socket, closed }
}

describe('A35 requests that two servers would read in two ways', () => {
  const smuggled = 'GET /admin HTTP/1.1\r\nHost: x\r\n\r\n'
  const body = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`
  const post = 'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
  const tricks: [string, string][] = [
    [
      'both a length and chunks',
      `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n${body('{}')}${smuggled}`,
    ],
    ['chunks by another name', `${post}Transfer-Encoding: xchunked\r\n\r\n${body('{}')}${smuggled}`],
    [
      'chunks and something else',
      `${post}Transfer-Encoding: chunked, identity\r\n\r\n${body('{}')}${smuggled}`,
    ],
    ['two lengths', `${post}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}${smuggled}`],
    ['a length with a sign', `${post}Content-Length: +2\r\n\r\n{}${smuggled}`],
    ['a negative length', `${post}Content-Length: -1\r\n\r\n{}${smuggled}`],
    ['a folded header', `${post}X-A: b\r\n Content-Length: 2\r\n\r\n${smuggled}`],
    ['a space before the colon', `${post}Content-Length : 2\r\n\r\n{}${smuggled}`],
    ['a bare line feed', `${post}X-A: b\nTransfer-Encoding: chunked\r\n\r\n${smuggled}`],
    ['a bare carriage return', `${post}X-A: b\rTransfer-Encoding: chunked\r\n\r\n${smuggled}`],
    ['a NUL in a header', `${post}X-A: b\0c\r\n\r\n${smuggled}`],
    [
      'a chunk size that overflows',
      `${post}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n${smuggled}`,
    ],
    [
      'a chunk that lies about its size',
      `${post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}GET\r\n0\r\n\r\n${smuggled}`,
    ],
    ['no host', 'GET /health HTTP/1.1\r\n\r\n'],
  ]
  it.each(tricks)('A35 with %s are refused and the connection ends', async (_, bytes) => {
    const { said, closed } = await exchange(target.url, bytes)
    expect(statusesIn(said)).toEqual([400])
    expect(closed).toBe(true)
    await alive()
  })

  it('A35 a head beyond 16 KiB is 413, whether it is many headers, a long one or a long address', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => `X-${i}: 1\r\n`).join('')
    for (const bytes of [
      `GET /health HTTP/1.1\r\nHost: x\r\n${many}\r\n`,
      `GET /health HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`,
      `GET /health?${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `GET /ws?token=x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${many}\r\n`,
    ])
      expect(statusesIn((await exchange(target.url, bytes)).said)).toEqual([413])
  })

  it('A35 two thousand short headers on a handshake end no process', async () => {
    const many = Array.from({ length: 2000 }, () => 'a:\r\n').join('')
    const bytes = `GET /ws?token=${ann.token} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${many}Upgrade: websocket\r\n\r\n`
    expect(statusesIn((await exchange(target.url, bytes)).said).every((status) => status < 500)).toBe(true)
    await alive()
  })

  it('A35 HTTP/2 is not spoken, with or without asking for it', async () => {
    const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
    expect(statusesIn((await exchange(target.url, preface)).said).every((status) => status >= 400)).toBe(true)
    const upgrade =
      'GET /health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n'
    expect((await exchange(target.url, upgrade)).said).not.toContain('101 ')
  })
})

describe('A36 compression', () => {
  it('A36 of frames is not agreed to, and a compressed frame is refused', async () => {
    const socket = await openRaw(target.url, ann.token, 'permessage-deflate; client_max_window_bits')
    expect(socket.head.toLowerCase()).not.toContain('permessage-deflate')
    socket.tcp.write(frame({ opcode: binary, payload: gzipSync('x'.repeat(40_000)), rsv: 4 }))
    expect(await socket.closed).toBe(1002)
  })

  it('A36 of a body is not undone: a bomb stays as small as it came', async () => {
    const bomb = gzipSync(JSON.stringify({ user_id: 'x'.repeat(50_000_000), password: 'x' }))
    for (const encoding of ['gzip', 'deflate', 'br']) {
      const answer = await fetch(`${target.url}/auth/login`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Content-Encoding': encoding },
        body: bomb,
      })
      expect(((await answer.json()) as { code: number }).code).toBe(1001)
    }
  })
})

describe('A37 a process under fire', () => {
  it('A37 lives on after resets, half requests and broken handshakes, and then stops in order', async () => {
    const program = startProgram([
      'serve',
      '--port',
      '0',
      '--host',
      '127.0.0.1',
      '--data',
      `${target.dataFolder}/fire`,
    ])
    const url = await program.printed(/http:\/\/127\.0\.0\.1:\d+/)
    const eve = await signUp(url, 'eve')
    const starts = [
      '',
      'GET / HTTP/1.1\r\n',
      'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9000000\r\n\r\n{',
      `GET /ws?token=${eve.token} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      `GET /ws?token=${eve.token} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
      `GET /ws?token=bad HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      'GET // HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      'GET /%00%ff HTTP/1.1\r\nHost: x\r\n\r\n',
      'CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n',
      'TRACE / HTTP/1.1\r\nHost: x\r\n\r\n',
      'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n',
    ]
    for (let round = 0; round < 5; round++)
      for (const start of starts) {
        const socket = await dial(url)
        socket.write(start)
        if (round % 2 === 0) await sleep(5)
        socket.resetAndDestroy()
      }
    for (let i = 0; i < 20; i++) {
      const socket = await openRaw(url, eve.token)
      for (let k = 0; k < 50; k++)
        socket.tcp.write(
          frame({
            opcode: text,
            payload: '{"req_identifier":1040,"msg_incr":"1","operation_id":"","data":{}}',
          }),
        )
      socket.tcp.resetAndDestroy()
    }
    expect((await call(url, 'GET', '/user/info', undefined, eve.token)).code).toBe(0)
    program.child.kill('SIGTERM')
    const { code, out, err } = await program.ended
    expect(code).toBe(0)
    expect(`${out}${err}`).not.toMatch(/uncaught|unhandled|"level":50/i)
    expect(`${out}${err}`).not.toContain(eve.token)
  })
})

describe('A34 requests without an end', () => {
  it('A34 lose their connection within seventeen seconds, or thirty-three once a body was begun, and keep nobody waiting', {
    timeout: 60_000,
  }, async () => {
    await alive()
    const late = sleep(36_000).then(() => Number.POSITIVE_INFINITY)
    const times = await Promise.all(
      slow.map(async ({ name, closed }) => [name, await Promise.race([closed, late])] as const),
    )
    for (const { socket } of slow) socket.destroy()
    const late_ = times.filter(([name, ms]) => ms > (name.startsWith('a body') ? 33_500 : 18_500))
    expect(late_).toEqual([])
    await alive()
  })
})
