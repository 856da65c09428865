import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from '../testing/harness.ts'
import { type Person, signUp } from '../testing/wire.ts'

let server: Harness
let ann: Person
beforeAll(async () => {
  server = await startHarness({ config: { 'server.allowed_origins': ['https://app.example'] } })
  ann = await signUp(server.url, 'ann')
})
afterAll(() => server.stop())

async function ask(method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}) {
  const answer = await fetch(server.url + path, {
    method,
    headers: { Authorization: `Bearer ${ann.token}`, ...headers },
    ...(body !== undefined && { body }),
  })
  const json = (await answer.json()) as { code: number; msg: string; data: unknown }
  return { status: answer.status, ...json, headers: answer.headers, keys: Object.keys(json) }
}

const json = { 'Content-Type': 'application/json' }

describe('envelope', () => {
  it('has always code, msg and data', async () => {
    expect((await ask('GET', '/user/info')).keys).toEqual(['code', 'msg', 'data'])
    expect(await ask('GET', '/nowhere')).toMatchObject({
      status: 404,
      code: 1005,
      keys: ['code', 'msg', 'data'],
    })
    expect(await ask('DELETE', '/user/info')).toMatchObject({ status: 404, code: 1005 })
    expect((await ask('GET', '/conversation/list')).data).toEqual([])
  })

  it('is missing only from /health', async () => {
    const answer = await fetch(`${server.url}/health`)
    expect(await answer.json()).toEqual({ status: 'ok' })
  })
})

describe('body', () => {
  it.each([
    ['broken JSON', '{'],
    ['an array', '[]'],
    ['a text', '"x"'],
    ['a number', '1'],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['a huge exponent as int64', '{"group_id":"1","conversation_id":"sg_1","read_seq":1e400}'],
  ])('that is %s is 1001', async (_, body) => {
    expect(await ask('POST', '/conversation/mark_read', body, json)).toMatchObject({
      status: 400,
      code: 1001,
    })
  })

  it('above four MiB is 1001 with status 413, and nothing without a token is read at all', async () => {
    const big = `{"name":"${'x'.repeat(4 * 1024 * 1024)}"}`
    expect(await ask('POST', '/group/create', big, json)).toMatchObject({ status: 413, code: 1001 })
    const none = await ask('POST', '/group/create', '{', { ...json, Authorization: '' })
    expect(none).toMatchObject({ status: 401, code: 2003 })
  })

  it('of another content type is 1001, an absent one counts only with a body', async () => {
    expect((await ask('POST', '/group/create', '{"name":"x"}', { 'Content-Type': 'text/plain' })).code).toBe(
      1001,
    )
    expect(
      (
        await ask('POST', '/group/create', '{"name":"x"}', {
          'Content-Type': 'application/json; charset=utf-8',
        })
      ).code,
    ).toBe(0)
    expect((await ask('GET', '/user/info', undefined, { 'Content-Type': 'text/plain' })).code).toBe(0)
  })

  it('ignores unknown keys, takes null and empty as absent, and is not fooled by prototype names', async () => {
    const body =
      '{"name":"ok","unknown":1,"introduction":null,"avatar":"","__proto__":{"admin":true},"constructor":1}'
    expect(await ask('POST', '/group/create', body, json)).toMatchObject({
      code: 0,
      data: { introduction: '' },
    })
    expect((await ask('POST', '/group/create', '{"__proto__":{"name":"x"}}', json)).code).toBe(1001)
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  it('survives a hundred thousand levels of nesting', async () => {
    const deep = `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(await ask('POST', '/group/create', deep, json)).toMatchObject({ status: 400, code: 1001 })
  })
})

describe('path and query', () => {
  it('decode percent-encoding and refuse a bad one', async () => {
    await signUp(server.url, 'käthe/x')
    expect((await ask('GET', `/user/profile/${encodeURIComponent('käthe/x')}`)).code).toBe(0)
    expect(await ask('GET', '/user/profile/%zz')).toMatchObject({ status: 400, code: 1001 })
    expect(await ask('GET', '/msg/pull?conversation_id=%')).toMatchObject({ status: 400, code: 1001 })
    expect((await ask('GET', `/user/profile/${'x'.repeat(65)}`)).code).toBe(1001)
  })

  it('take a raw colon and an encoded one alike', async () => {
    expect((await ask('GET', '/msg/max_seq?conversation_id=si_ann:bob')).code).toBe(0)
    expect((await ask('GET', '/msg/max_seq?conversation_id=si_ann%3Abob')).code).toBe(0)
  })
})

describe('CORS', () => {
  const preflight = (origin: string) =>
    fetch(`${server.url}/msg/send`, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    })

  it('echoes a listed origin with credentials and gives a foreign one nothing', async () => {
    const listed = await preflight('https://app.example')
    expect(listed.status).toBe(204)
    expect(listed.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(listed.headers.get('access-control-allow-credentials')).toBe('true')
    expect(listed.headers.get('vary')).toMatch(/origin/i)
    const foreign = await preflight('https://evil.example')
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('raw sockets', () => {
  it('that speak garbage are answered or closed and harm nobody', async () => {
    const { port } = new URL(server.url)
    for (const garbage of [
      'GARBAGE\r\n\r\n',
      '\0\0\0\0',
      'GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n',
      'GET /\r\n'.repeat(50),
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.end(garbage))
        socket
          .on('data', () => undefined)
          .on('close', () => resolve())
          .on('error', () => resolve())
      })
    }
    expect((await ask('GET', '/user/info')).code).toBe(0)
  })
})

describe('printed pages', () => {
  it('serve the contract as OpenAPI 3.1 and as a page without anything from elsewhere', async () => {
    const spec = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      openapi: string
      paths: object
    }
    expect(spec.openapi).toMatch(/^3\.1/)
    expect(Object.keys(spec.paths)).toContain('/msg/send')
    const page = await (await fetch(`${server.url}/docs`)).text()
    expect(page).toContain('message.send')
    expect(page).not.toMatch(/(src|href)="https?:/)
  })
})
