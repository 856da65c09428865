import type { Input, OperationName } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import { createRest, type Direct } from './rest.ts'
import { createTestClock } from './testing/clock.ts'

interface Seen {
  url?: string
  init?: RequestInit
}

function rest(answer: () => Response | Promise<Response>, seen: Seen = {}): { direct: Direct } {
  const direct = createRest({
    url: 'http://im.test/api/',
    clock: createTestClock(),
    timeoutMs: 1000,
    fetch: (url, init) => {
      seen.url = String(url)
      seen.init = init ?? {}
      return Promise.resolve(answer())
    },
  })
  return { direct }
}

const envelope = (status: number, code: number, data: unknown = null, headers = {}): Response =>
  new Response(JSON.stringify({ code, msg: 'words: detail', data }), { status, headers })

/** Method, path and body of the request that an operation becomes. */
async function requestOf<N extends OperationName>(name: N, input: Input<N>): Promise<unknown[]> {
  const seen: Seen = {}
  await rest(() => envelope(200, 0), seen).direct(name, input, undefined)
  return [seen.init?.method, seen.url?.slice('http://im.test/api'.length), seen.init?.body]
}

describe('the request of an operation', () => {
  it('has path parameters in the path, percent-encoded', async () => {
    const path = '/user/profile/a%2Fb%20%C3%BC'
    expect(await requestOf('user.profile', { user_id: 'a/b ü' })).toEqual(['GET', path, undefined])
  })

  it('has the input of a GET in the query, and asks for the typed view', async () => {
    const path = '/msg/pull?conversation_id=si_a%3Ab&begin_seq=3&content=typed'
    expect(await requestOf('message.pull', { conversation_id: 'si_a:b', begin_seq: 3 })).toEqual([
      'GET',
      path,
      undefined,
    ])
  })

  it('has the input of a POST in the body, and the view in the query', async () => {
    const input = { client_msg_id: '1', recv_id: 'bob', msg_type: 1, content: {} }
    expect(await requestOf('message.send', input)).toEqual([
      'POST',
      '/msg/send?content=typed',
      JSON.stringify(input),
    ])
  })

  it('has in the query what a PUT wants there', async () => {
    expect(await requestOf('conversation.update', { conversation_id: 'si_a:b', is_pinned: true })).toEqual([
      'PUT',
      '/conversation/update?conversation_id=si_a%3Ab',
      '{"is_pinned":true}',
    ])
  })

  it('does not exist for operations of the socket', async () => {
    await expect(requestOf('presence.subscribe', { user_ids: [] })).rejects.toMatchObject({
      kind: 'connection_closed',
    })
  })
})

describe('the answer', () => {
  it('is the envelope’s data, asked for with the token', async () => {
    const seen: Seen = {}
    const { direct } = rest(() => envelope(200, 0, { user_id: 'ann' }), seen)
    expect(await direct('user.info', {}, 'secret')).toEqual({ user_id: 'ann' })
    expect(seen.url).toBe('http://im.test/api/user/info')
    expect(new Headers(seen.init?.headers).get('authorization')).toBe('Bearer secret')
  })

  it('is an error with the code’s kind, picked by the status, and the time to wait', async () => {
    const { direct } = rest(() => envelope(503, 1002, null, { 'retry-after': '7' }))
    await expect(direct('user.info', {}, 't')).rejects.toMatchObject({
      kind: 'unavailable',
      retryAfter: 7,
      detail: 'words: detail',
      row: { retry: true },
    })
  })

  it('is an error with the name, the time and the advice that the server tells', async () => {
    const told = { error: 'muted', hint: 'Wait.', until: 1_700_000_000_000, retry_after: 3 }
    const { direct } = rest(() => envelope(403, 1004, told))
    await expect(direct('user.info', {}, 't')).rejects.toMatchObject({
      kind: 'muted',
      until: 1_700_000_000_000,
      retryAfter: 3,
    })
  })

  it.each([
    [502, 'unavailable'],
    [200, 'unavailable'],
    [401, 'unavailable'],
    [429, 'too_many_requests'],
    [413, 'too_large'],
  ])('with status %i from something that is not the server is %s', async (status, kind) => {
    const { direct } = rest(() => new Response('<h1>Welcome to the hotel</h1>', { status }))
    await expect(direct('user.info', {}, 't')).rejects.toMatchObject({ kind })
  })

  it('that never comes is an error that may be tried again', async () => {
    const failing = rest(() => Promise.reject(new TypeError('fetch failed')))
    await expect(failing.direct('user.info', {}, 't')).rejects.toMatchObject({ kind: 'connection_closed' })
  })

  it('that takes too long is given up', async () => {
    const clock = createTestClock()
    const direct = createRest({
      url: 'http://im.test',
      clock,
      timeoutMs: 1000,
      fetch: (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
        }),
    })
    const asked = direct('user.info', {}, 't')
    const [outcome] = await Promise.all([asked.catch((thrown: unknown) => thrown), clock.advance(1000)])
    expect(outcome).toMatchObject({ kind: 'connection_closed', row: { retry: true } })
    expect(clock.waiting()).toEqual([])
  })
})
