import { rmSync, writeFileSync } from 'node:fs'
import {
  decodeUtf8,
  type FrameCodec,
  ImError,
  nexoCodec,
  type Operation,
  type OperationName,
  operations,
  parseConversationId,
  parseJson,
  readContent,
  singleConversationId,
} from '@nexo-im/protocol'
import * as ws from 'ws'
import { createTokens } from '../auth.ts'
import { readAddress } from '../bus/address.ts'
import { ConfigError, maskedConfig, readConfig } from '../config.ts'
import { bearer, cappedAddress, type DoorOptions, originAllowed } from '../transports/door.ts'
import { addressOf } from '../transports/handshake.ts'
import { readQuery } from '../transports/query.ts'
import { codecs } from '../transports/socket-link.ts'
import type { Target } from './hunt.ts'

/** Everything that reads what somebody outside wrote. @param folder for what must be a file */
export async function parserTargets(folder: string): Promise<Target[]> {
  return [
    frameTarget('frame of nexo.v1', codecs['nexo.v1'], '{"a":[1,"x"]}'),
    frameTarget('frame of nexo', codecs.nexo, `"${Buffer.from('{"a":[1,"x"]}').toString('base64')}"`),
    frameTarget('frame of nexo, portable', nexoCodec(), `"${Buffer.from('{}').toString('base64')}"`),
    websocketTarget,
    await tokenTarget(),
    configTarget(`${folder}/fuzz.yaml`),
    jsonTarget,
    contentTarget,
    queryTarget,
    addressTarget,
    headerTarget,
    conversationTarget,
    busTarget,
  ]
}

/** A refusal is an answer; anything else than a refusal was not meant. */
function refusalOf(work: () => unknown, isRefusal: (error: unknown) => boolean = isImError): boolean {
  try {
    work()
    return false
  } catch (error) {
    if (isRefusal(error)) return true
    throw error
  }
}

const isImError = (error: unknown): boolean => error instanceof ImError && error.row.http < 500

function promise(isKept: boolean, what: string): void {
  if (!isKept) throw new Error(what)
}

const jsonWords = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\u0000',
    '\\ud800',
    '\\',
    'null',
    'true',
    '1e400',
    '-0',
    '__proto__',
  ],
  ...[
    '9223372036854775808',
    '9007199254740993',
    '00000000000000000000',
    '"data":',
    '"req_identifier":1003',
    '\ufeff',
  ],
]

function frameTarget(name: string, codec: FrameCodec, data: string): Target {
  const frame = `{"req_identifier":1003,"msg_incr":"1","operation_id":"x","send_id":"ann","data":${data}}`
  return {
    name,
    seeds: [frame, '{}', ''],
    words: jsonWords,
    run: (input) => {
      for (const raw of [input, input.toString()]) {
        let read: ReturnType<FrameCodec['readRequest']> | undefined
        if (refusalOf(() => (read = codec.readRequest(raw))) || read === undefined) continue
        promise(Number.isSafeInteger(read.id) && read.id !== 0, 'a frame without its number was read')
        const again = codec.readRequest(codec.writeRequest(read))
        promise(
          JSON.stringify(again) === JSON.stringify(read),
          'a frame is another one when it is read again',
        )
      }
    },
  }
}

/** Exported by ws, but missing from its types. */
const { Receiver } = ws as unknown as {
  Receiver: new (options: object) => NodeJS.WritableStream & { destroy(): void }
}

const codeKey = 'status-code'

const websocketTarget: Target = {
  name: 'masked frames',
  seeds: [
    Buffer.from([0x81, 0x83, 1, 2, 3, 4, 0x60, 0x61, 0x62]),
    Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x61, 0x89, 0x80, 0, 0, 0, 0, 0x80, 0x81, 0, 0, 0, 0, 0x62]),
    Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]),
    Buffer.concat([Buffer.from([0x82, 0xfe, 0, 126, 9, 9, 9, 9]), Buffer.alloc(126)]),
  ],
  words: ['\u0080', '\u00fe', '\u00ff', '\u0000\u0000\u0000\u0000'],
  run: (input) => {
    const receiver = new Receiver({ isServer: true, maxPayload: 51_200, skipUTF8Validation: false })
    let failure: unknown
    receiver.on('error', (error: unknown) => {
      failure = error
    })
    receiver.write(input)
    receiver.destroy()
    const code = failure === undefined ? 1000 : codeOf(failure)
    promise(
      [1000, 1002, 1007, 1008, 1009].includes(code),
      `an error without a close code: ${String(failure)}`,
    )
  },
}

/** ws keeps the close code under a symbol of this name. */
function codeOf(error: unknown): number {
  const key = Object.getOwnPropertySymbols(error as object).find(({ description }) => description === codeKey)
  return key === undefined ? 0 : Number((error as Record<symbol, unknown>)[key])
}

async function tokenTarget(): Promise<Target> {
  const now = 1_700_000_000_000
  const clock = { now: () => now } as Parameters<typeof createTokens>[1]
  const tokens = createTokens('a secret of at least thirty-two bytes', clock)
  const claims = { userId: 'ann', platformId: 5, sessionId: 's1', expiresAt: now / 1000 + 60 }
  const signed = [await tokens.sign(claims), await tokens.sign({ ...claims, generation: 3 })]
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return {
    name: 'tokens',
    seeds: [...signed, `${part({ alg: 'none' })}.${part({ user_id: 'ann' })}.`, 'a.b.c'],
    words: [
      '.',
      '..',
      '=',
      'e30',
      part({ alg: 'none' }),
      part({ alg: 'HS512' }),
      part({ crit: ['b64'], b64: false }),
    ],
    run: async (input) => {
      const text = input.toString()
      try {
        const read = await tokens.verify(text)
        // Base64url has spellings of its last digit that say the same; the bytes they sign are these all the same.
        const isOurs = signed.some(
          (one) => text.split('.').slice(0, 2).join() === one.split('.').slice(0, 2).join(),
        )
        promise(isOurs && read.userId === 'ann', 'a token that nobody signed was taken')
      } catch (error) {
        if (!isImError(error)) throw error
      }
    },
  }
}

function configTarget(file: string): Target {
  return {
    name: 'configuration',
    seeds: [
      'server:\n  http_port: 8080\n  mode: release\nlog:\n  level: warn\n',
      'storage:\n  url: "mysql://u:p@h/d"\nlimits: {sends_per_minute: 5}\nserver: {drain_delay: 5s}\n',
      'server.allowed_origins: [a, b]\n',
      'a: &a [x, x]\nb: &b [*a, *a]\n',
    ],
    words: [
      ': ',
      '\n  ',
      '- ',
      '&a ',
      '*a',
      '<<: ',
      '!!binary ',
      '---\n',
      '| ',
      '> ',
      '"',
      '{',
      '[',
      '%YAML 1.1\n',
      '? ',
    ],
    run: (input) => {
      writeFileSync(file, input)
      try {
        refusalOf(
          () => maskedConfig(readConfig({ file })),
          (error) => error instanceof ConfigError,
        )
      } finally {
        rmSync(file, { force: true })
      }
    },
  }
}

const jsonTarget: Target = {
  name: 'JSON',
  seeds: ['{"a":1,"b":[true,null,"x"]}', '12345678901234567890', '"\\ud83e\\udd80"', '[1e5,-0.5]'],
  words: jsonWords,
  run: (input) => {
    let value: unknown
    if (refusalOf(() => (value = parseJson(decodeUtf8(input))))) return
    const written = JSON.stringify(value)
    promise(written === undefined || written.isWellFormed(), 'text that is no Unicode was read')
    promise(({} as Record<string, unknown>)['polluted'] === undefined, 'every object has a member more')
  },
}

const contentTarget: Target = {
  name: 'content of messages',
  seeds: [
    '[1,{"text":{"text":"x"}}]',
    '[2,{"image":{"url":"https://x/y","width":1}}]',
    '[8,{"quote":{"text":"x","message":{}}}]',
    '[100,{"custom":{"data":"{}"}}]',
    '[1,{"text":"flat"}]',
  ],
  words: [
    ...jsonWords,
    '"text"',
    '"image"',
    '"quote"',
    '"custom"',
    '"file"',
    '"image_url"',
    '"custom_data"',
    '"url"',
  ],
  run: (input) => {
    let value: unknown
    if (refusalOf(() => (value = parseJson(decodeUtf8(input))))) return
    const [type, content] = Array.isArray(value) ? (value as unknown[]) : []
    if (typeof type !== 'number' || typeof content !== 'object' || content === null) return
    refusalOf(() => readContent(type, content as Record<string, unknown>))
  },
}

const asked: readonly OperationName[] = ['message.pull', 'conversation.list', 'user.search', 'group.members']

const queryTarget: Target = {
  name: 'queries',
  seeds: [
    'conversation_id=si_a%3Ab&begin_seq=1&limit=20',
    'query=a+b%20c',
    'paged=true&limit=5',
    'content=typed',
  ],
  words: [
    '&',
    '=',
    '%',
    '%00',
    '%ff',
    '%ed%a0%80',
    '+',
    'limit=',
    'true',
    '__proto__=1',
    '9223372036854775808',
  ],
  run: (input) => {
    for (const name of asked) {
      const operation: Operation = operations[name]
      const route = operation.routes.find(({ method }) => method === 'GET')
      if (route === undefined) throw new Error(`${name} has no address`)
      refusalOf(() => {
        const { query } = readQuery(input.toString(), operation, route)
        for (const value of Object.values(query))
          promise(typeof value !== 'string' || value.isWellFormed(), 'text that is no Unicode was read')
      })
    }
  },
}

const addressTarget: Target = {
  name: 'addresses of sockets',
  seeds: ['/ws?token=a.b.c&platform_id=5', '//', '/ws', '/ws?send_id=%61&token', '?'],
  words: ['?', '&', '=', '%', '//', '\\', '#', '@', '[::1]', 'token=', '%e0%a4%a'],
  run: (input) => {
    const { path, query } = addressOf({ url: input.toString() } as Parameters<typeof addressOf>[0])
    promise(typeof path === 'string' && [...query].length >= 0, 'no address was read')
  },
}

const doorOptions = {
  allowedOrigins: ['https://ours.example'],
  trustedAddresses: [],
} as unknown as DoorOptions

const headerTarget: Target = {
  name: 'headers',
  seeds: [
    'Bearer abc',
    'https://ours.example',
    '::ffff:1.2.3.4',
    'fe80::1%eth0',
    '1:2:3:4:5:6:7:8',
    'http://a:80',
  ],
  words: ['Bearer ', ':', '::', '%', '.', ' ', '\t', 'http://', 'https://', 'ours.example', '@'],
  run: (input) => {
    const text = input.toString()
    const token = bearer(text)
    promise(typeof token === 'string' || token.token !== '', 'an empty token was read')
    const capped = cappedAddress(text, doorOptions)
    promise(capped === undefined || capped.length <= text.length + 40, 'an address grew')
    const isOurs = /^https:\/\/ours\.example$/i.test(text)
    promise(
      isOurs || !originAllowed(text, 'host.example', doorOptions) || hostOf(text),
      'a foreign page may call',
    )
  },
}

/** Our own host, over either scheme. */
const hostOf = (origin: string): boolean => /^https?:\/\/host\.example$/i.test(origin)

const conversationTarget: Target = {
  name: 'ids of conversations',
  seeds: ['si_ann:bob', 'sg_1', 'si_bob:ann', 'si_:', 'si_é:🦀'],
  words: ['si_', 'sg_', ':', '::', '\u{10ffff}', '\uffff'],
  run: (input) => {
    const text = input.toString()
    const ref = parseConversationId(text)
    if (ref?.type === 'single') {
      promise(singleConversationId(...ref.users) === text, 'an id names another conversation than it says')
      promise(singleConversationId(ref.users[1], ref.users[0]) === text, 'both sides name it differently')
    }
  },
}

const busTarget: Target = {
  name: 'addresses of servers',
  seeds: ['redis://u:p@h:1/0?key_prefix=a:', 'nats://h', 'rediss://h?timeout=5'],
  words: ['://', '@', ':', '?', '&', '=', 'timeout=', 'key_prefix=', '%', '[::1]', '/'],
  run: (input) => {
    // Whatever is wrong is said in a sentence, by us or by the platform's reader of URLs.
    refusalOf(
      () => readAddress(input.toString(), 1),
      (error) => error instanceof Error && error.message !== '',
    )
  },
}
