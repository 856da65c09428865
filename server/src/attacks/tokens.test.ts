import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Operation, operationNames, operations } from '@nexo-im/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, type Person } from '../testing/wire.ts'
import { handshake } from './raw.ts'
import { startTarget, type Target } from './target.ts'

let target: Target
let ann: Person
beforeAll(async () => {
  target = await startTarget({ onFile: true })
  ann = await target.person('ann')
})
afterAll(() => target.close())

describe('forged tokens', () => {
  const secret = (): string => readFileSync(join(target.dataFolder, 'token.secret'), 'utf8').trim()
  const text = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const publicKey = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const hmac = (body: string, key: string, hash = 'sha256'): string =>
    createHmac(hash, key).update(body).digest('base64url')

  /** Ann's own claims of a living sign-in under our own secret: only what is changed can be why it is refused. */
  function forge(change: {
    readonly head?: object
    readonly claims?: object
    readonly signature?: (body: string) => string
  }): string {
    const claims = JSON.parse(Buffer.from(ann.token.split('.')[1] ?? '', 'base64url').toString()) as object
    const body = `${text({ alg: 'HS256', typ: 'JWT', ...change.head })}.${text({ ...claims, ...change.claims })}`
    return `${body}.${(change.signature ?? ((b: string) => hmac(b, secret())))(body)}`
  }
  const byRsa = (key: KeyObject) => (body: string) =>
    sign('sha256', Buffer.from(body), key).toString('base64url')

  it('A1 a token that is forged with nothing changed is accepted, so that the refusals below mean something', async () => {
    const token = forge({})
    target.hide(token)
    expect((await call(target.url, 'GET', '/user/info', undefined, token)).code).toBe(0)
    expect(await handshake(target.url, token)).toBe(101)
  })

  const now = Math.floor(Date.now() / 1000)
  const forgeries: [string, () => string, code?: number][] = [
    ['alg none', () => forge({ head: { alg: 'none' }, signature: () => '' })],
    ['alg nOnE with the signature kept', () => forge({ head: { alg: 'nOnE' } })],
    [
      'alg none, three parts, another signature',
      () => forge({ head: { alg: 'none' }, signature: () => 'AAAA' }),
    ],
    ['no alg', () => forge({ head: { alg: undefined } })],
    [
      'alg HS512 under our own secret',
      () => forge({ head: { alg: 'HS512' }, signature: (b) => hmac(b, secret(), 'sha512') }),
    ],
    [
      'alg RS256 under a key of one’s own',
      () => forge({ head: { alg: 'RS256' }, signature: byRsa(rsa.privateKey) }),
    ],
    ['HS256 under a public RSA key', () => forge({ signature: (b) => hmac(b, publicKey) })],
    ['HS256 under an empty key', () => forge({ head: { kid: '/dev/null' }, signature: (b) => hmac(b, '') })],
    [
      'kid that is a path',
      () =>
        forge({ head: { kid: '../../../../proc/sys/kernel/ostype' }, signature: (b) => hmac(b, 'Linux\n') }),
    ],
    [
      'kid that is SQL',
      () => forge({ head: { kid: "x' UNION SELECT 'key" }, signature: (b) => hmac(b, 'key') }),
    ],
    [
      'a key that it brings along (jwk)',
      () =>
        forge({
          head: { alg: 'RS256', jwk: rsa.publicKey.export({ format: 'jwk' }) },
          signature: byRsa(rsa.privateKey),
        }),
    ],
    [
      'a key from an address (jku)',
      () =>
        forge({ head: { alg: 'RS256', jku: 'http://127.0.0.1:1/jwks' }, signature: byRsa(rsa.privateKey) }),
    ],
    [
      'a certificate from an address (x5u)',
      () => forge({ head: { alg: 'RS256', x5u: 'http://127.0.0.1:1/x' }, signature: byRsa(rsa.privateKey) }),
    ],
    ['an extension that must be understood (crit)', () => forge({ head: { crit: ['b64'], b64: false } })],
    [
      'a signature of another token',
      () => forge({ claims: { user_id: 'bob' }, signature: () => ann.token.split('.')[2] ?? '' }),
    ],
    ['no exp', () => forge({ claims: { exp: undefined } })],
    ['an exp that is text', () => forge({ claims: { exp: String(now + 3600) } })],
    ['an exp that is past', () => forge({ claims: { exp: now - 1 } }), 2002],
    ['an nbf to come', () => forge({ claims: { nbf: now + 3600 } })],
    ['another issuer', () => forge({ claims: { iss: 'somebody' } })],
    ['no issuer', () => forge({ claims: { iss: undefined } })],
    ['a number as user', () => forge({ claims: { user_id: 7 } })],
    ['somebody else as user', () => forge({ claims: { user_id: 'bob' } })],
    ['another platform', () => forge({ claims: { platform_id: 1 } })],
    ['text as platform', () => forge({ claims: { platform_id: '5' } })],
    ['an unknown sign-in', () => forge({ claims: { jti: 'unknown' } })],
    ['a list as sign-in', () => forge({ claims: { jti: ['x'] } })],
    ['the use of a refresh token', () => forge({ claims: { use: 'refresh', gen: 0 } })],
    ['an unknown use', () => forge({ claims: { use: 'admin' } })],
  ]
  it.each(forgeries)('A1 a token with %s is refused at every door', async (_, make, code = 2001) => {
    const token = make()
    target.hide(token)
    expect(await call(target.url, 'GET', '/user/info', undefined, token)).toMatchObject({ status: 401, code })
    expect(await handshake(target.url, token)).toBe(401)
  })
})

const paths: [string, string, string][] = operationNames.flatMap((name) =>
  (operations[name] as Operation).access === 'user'
    ? (operations[name] as Operation).routes.map(({ method, path }): [string, string, string] => [
        name,
        method,
        path.replace(':user_id', 'ann'),
      ])
    : [],
)

it('A3 a garbage token opens no route and no socket', async () => {
  expect(paths.length).toBeGreaterThan(70)
  const opened: string[] = []
  for (const token of [
    'garbage',
    'null',
    '{}',
    `${ann.token}x`,
    ann.token.slice(0, -2),
    `${ann.token},${ann.token}`,
  ]) {
    const ask = async ([name, method, path]: [string, string, string]): Promise<void> => {
      const { status } = await call(target.url, method, path, method === 'GET' ? undefined : {}, token)
      if (status !== 401) opened.push(`${name} answers ${status} to ${token.slice(0, 20)}`)
    }
    await Promise.all(paths.map(ask))
    if ((await handshake(target.url, encodeURIComponent(token))) !== 401)
      opened.push(`/ws lets ${token.slice(0, 20)} in`)
  }
  expect(opened).toEqual([])
})
