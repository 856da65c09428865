import type { IncomingMessage } from 'node:http'
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
  /** This user is never pushed anything. */
  readonly forgotten?: number
  /** Pages leave out every n-th message. */
  readonly dropStored?: number
  /** Every n-th message is another one in pages than it was in pushes. */
  readonly swapStored?: number
  /** What changed is not told to who comes back. */
  readonly silent?: boolean
  /** The first so many upgrades after the first connection of everybody are refused. */
  readonly refuseUpgrades?: number
}

/** Test double of the wire: acks, pushes and pages like the server, from memory, for everybody who is connected. */
export interface ScriptedServer {
  readonly port: number
  close(): Promise<void>
}

interface Request {
  readonly req_identifier: number
  readonly msg_incr: string
  readonly data: {
    readonly client_msg_id: string
    readonly group_id?: string
    readonly conversation_id: string
    readonly begin_seq: number
    readonly limit: number
  }
}

interface Stored {
  readonly server_msg_id: number
  readonly conversation_id: string
  readonly seq: number
  readonly client_msg_id: string
  readonly send_at: number
}

interface World {
  readonly script: Script
  readonly online: Map<number, WebSocket>
  readonly stored: Map<string, Stored[]>
}

/** Tokens are user ids; users `2i` and `2i+1` share a conversation, a group is everybody. */
export async function startScriptedServer(script: Script = {}): Promise<ScriptedServer> {
  let upgrades = script.refuseUpgrades ?? 0
  const seen = new Set<string>()
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    handleProtocols: (offered) => [...offered][0] ?? false,
    verifyClient: ({ req: { url = '' } }: { req: IncomingMessage }) => {
      const again = seen.has(url)
      seen.add(url)
      return !again || upgrades-- <= 0
    },
  })
  const world: World = { script, online: new Map(), stored: new Map() }
  server.on('connection', (socket, request) => {
    const user = Number(new URL(request.url ?? '', 'http://x').searchParams.get('token'))
    world.online.set(user, socket)
    socket.on('close', () => world.online.get(user) === socket && world.online.delete(user))
    socket.on('message', (raw: Buffer) => {
      const asked = JSON.parse(raw.toString()) as Request
      if (asked.req_identifier === 1003) send(world, user, asked)
      else socket.send(JSON.stringify(read(world, asked)))
    })
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of server.clients) socket.terminate()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function head(frame: number, incr: string, code = 0): object {
  const error = { err_code: code === 0 ? 0 : 1, err_msg: '', code }
  return { req_identifier: frame, msg_incr: incr, operation_id: '', ...error }
}

const isEvery = (every: number | undefined, seq: number): boolean => every !== undefined && seq % every === 0

function send({ script, online, stored }: World, user: number, { msg_incr, data }: Request): void {
  const pair = user - (user % 2)
  const id = data.group_id === undefined ? `si_${pair}:${pair + 1}` : `sg_${data.group_id}`
  const members = data.group_id === undefined ? [pair, pair + 1] : [...online.keys()]
  const row = stored.get(id) ?? []
  stored.set(id, row)
  const seq = row.length + 1
  const ack = {
    server_msg_id: 1000 + seq,
    conversation_id: id,
    seq,
    client_msg_id: data.client_msg_id,
    send_at: 1,
  }
  row.push(ack)
  const sender = online.get(user)
  if (isEvery(script.refuse, seq))
    return sender?.send(JSON.stringify({ ...head(1003, msg_incr, 1006), data: null }))
  sender?.send(JSON.stringify({ ...head(1003, msg_incr), data: ack }))
  const push = JSON.stringify({
    ...head(2001, ''),
    data: { msgs: { [id]: [{ ...ack, sender_id: String(user) }] } },
  })
  const notice = JSON.stringify({ ...head(3001, '', 5004), data: { conversations: { [id]: seq } } })
  for (const member of members) {
    if (member === script.forgotten) continue
    if (!isEvery(script.dropPush, seq)) online.get(member)?.send(push)
    else if (script.notice === true) online.get(member)?.send(notice)
    if (isEvery(script.repeatPush, seq)) online.get(member)?.send(push)
  }
}

/** 1160: how far every conversation is; 1005: a page. */
function read({ script, stored }: World, { req_identifier, msg_incr, data }: Request): object {
  if (req_identifier === 1160) {
    const changes = [...stored].map(([conversation_id, row]) => ({
      conversation: { conversation_id, max_seq: row.length },
    }))
    const answer = { position: '1', has_more: false, changes: script.silent === true ? [] : changes }
    return { ...head(1160, msg_incr), data: answer }
  }
  const row = stored.get(data.conversation_id) ?? []
  const messages = row
    .filter(({ seq }) => seq >= data.begin_seq && !isEvery(script.dropStored, seq))
    .slice(0, data.limit)
    .map((one) => (isEvery(script.swapStored, one.seq) ? { ...one, client_msg_id: 'another' } : one))
  return { ...head(1005, msg_incr), data: { messages, max_seq: row.length } }
}
