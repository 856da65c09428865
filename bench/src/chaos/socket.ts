import { WebSocket } from 'ws'
import type { Sighting } from '../checker/history.ts'
import type { HistoryMessage, SentMessage } from '../http.ts'

export interface SocketEvents {
  answered(incr: string, code: number, message: SentMessage | undefined): void
  pushed(messages: readonly Sighting[]): void
  resync(seqs: Readonly<Record<string, number>>): void
  closed(code: number): void
  /** Told that the sign-in ended; without it that is an error. */
  kicked?(): void
}

export interface ChaosSocket {
  send(incr: string, data: object): void
  close(): void
}

interface Frame {
  readonly req_identifier: number
  readonly msg_incr: string
  readonly code: number
  readonly data: unknown
}

const handshakeMs = 3000

/** A `nexo.v1` socket; rejects when it cannot be opened. */
export function openSocket(url: string, token: string, events: SocketEvents): Promise<ChaosSocket> {
  const address = `${url.replace('http', 'ws')}/ws?token=${encodeURIComponent(token)}`
  const socket = new WebSocket(address, 'nexo.v1', {
    perMessageDeflate: false,
    handshakeTimeout: handshakeMs,
  })
  socket.on('message', (raw: Buffer) => take(JSON.parse(raw.toString()) as Frame, events))
  return new Promise((resolve, reject) => {
    let open = false
    // An error is always followed by `close`, which is where it is dealt with.
    socket.on('error', reject)
    socket.on('close', (code) => {
      if (open) events.closed(code)
      else reject(new Error('closed before it was open'))
    })
    socket.on('open', () => {
      open = true
      resolve({
        send: (incr, data) => {
          socket.send(
            JSON.stringify({ req_identifier: 1003, msg_incr: incr, operation_id: '', send_id: '', data }),
          )
        },
        close: () => socket.terminate(),
      })
    })
  })
}

function take(frame: Frame, events: SocketEvents): void {
  if (frame.req_identifier === 1003) {
    const message = frame.code === 0 ? (frame.data as SentMessage) : undefined
    events.answered(frame.msg_incr, frame.code, message)
  } else if (frame.req_identifier === 2001) {
    const { msgs } = frame.data as { msgs: Record<string, HistoryMessage[]> }
    for (const messages of Object.values(msgs)) events.pushed(messages.map(sightingOf))
  } else if (frame.req_identifier === 3001) {
    events.resync((frame.data as { conversations: Record<string, number> }).conversations)
  } else if (frame.req_identifier === 2002) {
    if (events.kicked === undefined) throw new Error(`kicked: ${JSON.stringify(frame.data)}`)
    events.kicked()
  }
}

export function sightingOf(message: HistoryMessage): Sighting {
  const { conversation_id, seq, server_msg_id, client_msg_id, sender_id, send_at, content } = message
  return {
    conversation_id,
    seq,
    server_msg_id,
    client_msg_id,
    sender_id,
    send_at,
    text: content.text?.text ?? '',
  }
}
