import { once } from 'node:events'
import { type AnswerFrame, type FrameCodec, nexoCodec, nexoV1Codec, subprotocol } from '@nexo-im/protocol'
import { WebSocket } from 'ws'

export interface HttpAnswer {
  readonly status: number
  readonly code: number
  readonly msg: string
  // Tests read whatever shape they asked for.
  readonly data: unknown
}

/** A person on the wire: raw HTTP and sockets, no SDK, so that tests see exactly what the server says. */
export interface Person {
  readonly id: string
  readonly token: string
  get<T = unknown>(path: string): Promise<HttpAnswer & { data: T }>
  post<T = unknown>(path: string, body?: unknown): Promise<HttpAnswer & { data: T }>
  put<T = unknown>(path: string, body?: unknown): Promise<HttpAnswer & { data: T }>
  send(to: { recv_id?: string; group_id?: string }, text: string, clientMsgId?: string): Promise<HttpAnswer>
  socket(codec?: FrameCodec['name']): Promise<Socket>
}

export async function call(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  token?: string,
): Promise<HttpAnswer> {
  const answer = await fetch(url + path, {
    method,
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: answer.status, ...((await answer.json()) as Omit<HttpAnswer, 'status'>) }
}

let fresh = 0

/** Registers and signs in; `platform` 5 is the web. */
export async function signUp(url: string, id: string, platform = 5): Promise<Person> {
  await call(url, 'POST', '/auth/register', { user_id: id, password: `secret of ${id}` })
  return signIn(url, id, platform)
}

export async function signIn(url: string, id: string, platform = 5): Promise<Person> {
  const credentials = { user_id: id, password: `secret of ${id}`, platform_id: platform }
  const { data } = await call(url, 'POST', '/auth/login', credentials)
  const { token } = data as { token: string }
  const ask = (method: string) => (path: string, body?: unknown) =>
    call(url, method, path, body, token) as Promise<never>
  return {
    id,
    token,
    get: (path) => ask('GET')(path),
    post: ask('POST'),
    put: ask('PUT'),
    send: (to, text, clientMsgId = `${id}-${fresh++}`) =>
      call(
        url,
        'POST',
        '/msg/send',
        { client_msg_id: clientMsgId, ...to, msg_type: 1, content: { text } },
        token,
      ),
    socket: (codec) => openSocket(url, token, codec),
  }
}

export interface Socket {
  readonly raw: WebSocket
  /** Sends a request frame and resolves with its answer. */
  ask(id: number, data: unknown): Promise<AnswerFrame>
  write(text: string | Buffer): void
  /** The next frame that is no answer to `ask`, in order. */
  next(): Promise<AnswerFrame>
  /** Every frame so far, in the order received. */
  readonly seen: readonly AnswerFrame[]
  readonly closed: Promise<{ code: number; reason: string }>
  close(): Promise<void>
}

export async function openSocket(
  url: string,
  token: string,
  codecName: FrameCodec['name'] = 'nexo.v1',
): Promise<Socket> {
  const codec = codecName === 'nexo' ? nexoCodec() : nexoV1Codec()
  const raw = new WebSocket(
    `${url.replace('http', 'ws')}/ws?token=${token}`,
    codecName === 'nexo' ? [] : [subprotocol],
  )
  const asked = new Map<string, (frame: AnswerFrame) => void>()
  const seen: AnswerFrame[] = []
  const unread: AnswerFrame[] = []
  const readers: ((frame: AnswerFrame) => void)[] = []
  let incr = 0
  raw.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary !== codec.binary) throw new Error(`the server sent a ${isBinary ? 'binary' : 'text'} frame`)
    const frame = codec.readAnswer(data)
    seen.push(frame)
    const answer = frame.incr === '' ? undefined : asked.get(frame.incr)
    if (answer) return answer(frame)
    const reader = readers.shift()
    if (reader) reader(frame)
    else unread.push(frame)
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    raw.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
  })
  await once(raw, 'open')
  return {
    raw,
    seen,
    closed,
    ask: (id, data) =>
      new Promise((resolve) => {
        incr += 1
        asked.set(String(incr), resolve)
        raw.send(codec.writeRequest({ id, incr: String(incr), operationId: 'op', sendId: '', data }))
      }),
    write: (text) => raw.send(text),
    next: () => {
      const frame = unread.shift()
      return frame ? Promise.resolve(frame) : new Promise((resolve) => readers.push(resolve))
    },
    close: async () => {
      raw.close()
      await closed
    },
  }
}
