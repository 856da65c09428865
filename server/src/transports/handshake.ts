import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { ImError, subprotocol } from '@nexo-im/protocol'
import { authenticate } from '../core/people/sign-ins.ts'
import { bearer, cappedAddress, type Door, originAllowed } from './door.ts'

/** Who may open a socket, and how it will speak. */
export type Accepted = Awaited<ReturnType<typeof authenticate>> & { readonly codec: 'nexo' | 'nexo.v1' }

/** In the order of nexo-wire 10.1: limit, token, mismatch, origin, subprotocol. */
export async function accept(door: Door, request: IncomingMessage, opening: number): Promise<Accepted> {
  const { options } = door
  if (door.phase() === 'draining') throw new ImError('unavailable', { retryAfter: 1 })
  if (opening > options.maxConnections) throw new ImError('connections_full', { retryAfter: 5 })
  const { query } = addressOf(request)
  const caller = await authenticate(door.world, tokenOf(request, query))
  const sendId = query.get('send_id') ?? ''
  const platform = query.get('platform_id') ?? ''
  const otherUser = sendId !== '' && sendId !== caller.userId
  const otherPlatform = platform !== '' && platform !== '0' && Number(platform) !== caller.platformId
  if (otherUser || otherPlatform) throw new ImError('token_mismatch')
  if (!originAllowed(request.headers.origin, request.headers.host, options)) throw new ImError('forbidden')
  const offered = (request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((p) => p.trim())
    .filter(Boolean)
  if (offered.length > 0 && !offered.includes(subprotocol)) throw new ImError('invalid_protocol')
  const address = cappedAddress(request.socket.remoteAddress, options)
  const codec = offered.length > 0 ? 'nexo.v1' : 'nexo'
  return { ...caller, ...(address !== undefined && { address }), codec }
}

/** By hand: `new URL` throws for addresses like `//`, and nobody may end the process by asking for one. */
export function addressOf(request: IncomingMessage): { path: string; query: URLSearchParams } {
  const [path = '', ...rest] = (request.url ?? '').split('?')
  return { path, query: new URLSearchParams(rest.join('?')) }
}

function tokenOf(request: IncomingMessage, query: URLSearchParams): string {
  const inQuery = query.get('token') ?? ''
  if (inQuery !== '') return inQuery
  const header = bearer(request.headers.authorization)
  if (header === 'missing') throw new ImError('token_missing')
  if (header === 'malformed') throw new ImError('token_invalid')
  return header.token
}

/** A handshake is refused with status and envelope, before the upgrade. */
export function refuse(socket: Duplex, error: ImError, debug: boolean): void {
  if (socket.destroyed) return
  const { row } = error
  const msg = debug && error.detail ? `${row.msg}: ${error.detail}` : row.msg
  const body = JSON.stringify({ code: row.code, msg, data: null })
  const retry = error.retryAfter === undefined ? '' : `Retry-After: ${error.retryAfter}\r\n`
  socket.end(
    `HTTP/1.1 ${row.http} ${row.msg}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n${retry}Connection: close\r\n\r\n${body}`,
  )
}
