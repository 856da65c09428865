import { type Link, subprotocol } from '@nexo-im/protocol'
import type { LinkDoor } from './link.ts'

/** Close code of a connection that broke without a word (RFC 6455, 7.4.1). */
const broken = 1006
/** Codes a client may send; anything else makes `WebSocket.close` throw. */
const sendable = (code: number): boolean => code === 1000 || (code >= 3000 && code <= 4999)

export interface WebSocketOptions {
  /** Defaults to the global one. */
  readonly WebSocket?: typeof WebSocket
  /** Bytes per frame, as configured on the server (`websocket.max_message_size`). */
  readonly maxFrame?: number
}

/** The main link: text frames under `nexo.v1`. */
export function websocketLink(options: WebSocketOptions = {}): LinkDoor {
  return {
    name: 'websocket',
    maxFrame: options.maxFrame ?? 51_200,
    open: (target, listener): Link => {
      let over = false
      const end = (code: number, reason: string): void => {
        if (over) return
        over = true
        listener.closed(code, reason)
      }
      const Socket = options.WebSocket ?? globalThis.WebSocket
      let socket: WebSocket | undefined
      try {
        socket = new Socket(socketUrl(target.url, target.token), subprotocol)
      } catch (thrown) {
        // No WebSocket at all, or a policy forbids it: the next door may do better.
        queueMicrotask(() => end(broken, String(thrown)))
      }
      socket?.addEventListener('open', () => listener.opened())
      socket?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (!over && typeof data === 'string') listener.frame(data)
      })
      socket?.addEventListener('close', ({ code, reason }) => end(code, reason))
      return {
        send: (frame) => {
          if (over || socket?.readyState !== 1) return
          socket.send(typeof frame === 'string' ? frame : new Uint8Array(frame))
        },
        close: (code, reason = '') => {
          socket?.close(sendable(code) ? code : 1000, reason)
          // The closing handshake of a dead network takes minutes; whoever closes is done with it now.
          queueMicrotask(() => end(code, reason))
        },
        get buffered() {
          return socket?.bufferedAmount ?? 0
        },
      }
    },
  }
}

function socketUrl(url: string, token: string): string {
  return `${url.replace(/\/+$/, '').replace(/^http/, 'ws')}/ws?token=${encodeURIComponent(token)}`
}
