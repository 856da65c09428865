import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/** Faults that a test may plant; all others behave. */
export interface Script {
  /** Every n-th message is not pushed. */
  readonly dropPush?: number
  /** Every n-th message is pushed twice. */
  readonly repeatPush?: number
  /** A dropped push is made known by a resync notice. */
  readonly notice?: boolean
  /** Every n-th message is refused. */
  readonly refuse?: number
}

/** Test double of the wire: acks and pushes like the server, from memory, for everybody who is connected. */
export interface ScriptedServer {
  readonly port: number
  close(): Promise<void>
}

interface Request {
  readonly msg_incr: string
  readonly data: { readonly client_msg_id: string; readonly group_id?: string }
}

/** Tokens are user ids; users `2i` and `2i+1` share a conversation, a group is everybody. */
export async function startScriptedServer(script: Script = {}): Promise<ScriptedServer> {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    handleProtocols: (offered) => [...offered][0] ?? false,
  })
  const online = new Map<number, WebSocket>()
  const seqs = new Map<string, number>()
  server.on('connection', (socket, request) => {
    const user = Number(new URL(request.url ?? '', 'http://x').searchParams.get('token'))
    online.set(user, socket)
    socket.on('message', (raw: Buffer) =>
      answer(script, online, seqs, user, JSON.parse(raw.toString()) as Request),
    )
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of online.values()) socket.terminate()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function answer(
  script: Script,
  online: ReadonlyMap<number, WebSocket>,
  seqs: Map<string, number>,
  user: number,
  { msg_incr, data }: Request,
): void {
  const pair = user - (user % 2)
  const id = data.group_id === undefined ? `si_${pair}:${pair + 1}` : `sg_${data.group_id}`
  const members = data.group_id === undefined ? [pair, pair + 1] : [...online.keys()]
  const is = (every: number | undefined): boolean => every !== undefined && (seqs.get(id) ?? 0) % every === 0
  const head = (frame: number, incr: string, code = 0): object => {
    return {
      req_identifier: frame,
      msg_incr: incr,
      operation_id: '',
      err_code: code === 0 ? 0 : 1,
      err_msg: '',
      code,
    }
  }
  const seq = (seqs.get(id) ?? 0) + 1
  seqs.set(id, seq)
  const sender = online.get(user)
  if (is(script.refuse)) return sender?.send(JSON.stringify({ ...head(1003, msg_incr, 1006), data: null }))
  const ack = {
    server_msg_id: 1000 + seq,
    conversation_id: id,
    seq,
    client_msg_id: data.client_msg_id,
    send_at: 1,
  }
  sender?.send(JSON.stringify({ ...head(1003, msg_incr), data: ack }))
  const push = JSON.stringify({
    ...head(2001, ''),
    data: { msgs: { [id]: [{ ...ack, sender_id: String(user) }] } },
  })
  const notice = JSON.stringify({ ...head(3001, '', 5004), data: { conversations: { [id]: seq } } })
  for (const member of members) {
    if (!is(script.dropPush)) online.get(member)?.send(push)
    else if (script.notice === true) online.get(member)?.send(notice)
    if (is(script.repeatPush)) online.get(member)?.send(push)
  }
}
