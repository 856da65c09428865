import { once } from 'node:events'
import { nexoV1Codec, subprotocol } from '@nexo-im/protocol'
import { WebSocket } from 'ws'

export interface Person {
  readonly id: string
  readonly token: string
}

const password = 'only for this measurement'

/** Calls the HTTP door. Throws what it answers. */
export async function ask<T>(url: string, path: string, body?: unknown, token?: string): Promise<T> {
  const answer = await fetch(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const { code, msg, data } = (await answer.json()) as { code: number; msg: string; data: T }
  if (code !== 0) throw new Error(`${path}: ${msg}`)
  return data
}

export async function signUp(url: string, id: string): Promise<Person> {
  await ask(url, '/auth/register', { user_id: id, password })
  const { token } = await ask<{ token: string }>(url, '/auth/login', {
    user_id: id,
    password,
    platform_id: 5,
  })
  return { id, token }
}

export async function connect(url: string, { token }: Person): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?token=${token}`, subprotocol, {
    perMessageDeflate: false,
  })
  await once(socket, 'open')
  return socket
}

/** Somebody who sends messages to one conversation and hears what becomes of them. */
export interface Speaker {
  /** @param meantAt when it should have been sent, ms of `performance.now()` */
  send(meantAt: number): void
  /** Sent and not answered. */
  readonly waiting: number
}

export interface Heard {
  /** @param ms since the message was meant to be sent; `id` is the client's own of it */
  acked(ms: number, seq: number, id: string): void
  refused(words: string): void
}

/** `message.send` as a frame. */
const sendFrame = 1003

/** @param run begins the ids of its messages: several speakers may use one socket, one after the other */
export function speakerOn(
  socket: WebSocket,
  target: Readonly<Record<string, string>>,
  text: string,
  run: string,
  heard: Heard,
): Speaker {
  const codec = nexoV1Codec()
  const open = new Map<string, number>()
  let count = 0
  // The speaker before has heard all that it waited for.
  socket.removeAllListeners('message')
  socket.on('message', (raw: Buffer) => {
    const { incr, code, message, data } = codec.readAnswer(raw)
    const meantAt = open.get(incr)
    if (meantAt === undefined) return
    open.delete(incr)
    if (code === 0) heard.acked(performance.now() - meantAt, (data as { seq: number }).seq, incr)
    else heard.refused(message)
  })
  // What is not answered any more is missed by whoever waits for it.
  socket.on('error', () => undefined)
  return {
    send: (meantAt) => {
      count += 1
      const incr = `${run}-${count}`
      open.set(incr, meantAt)
      const data = { ...target, client_msg_id: incr, msg_type: 1, content: { text } }
      socket.send(codec.writeRequest({ id: sendFrame, incr, operationId: 'bench', sendId: '', data }))
    },
    get waiting() {
      return open.size
    },
  }
}
