/**
 * What a connection is, whatever carries it: whole frames in order, then a close.
 * Law: frames arrive in the order sent, each once, or the link closes; after `close` nothing is delivered.
 */
export interface Link {
  /** Hands a frame over; a no-op on a closed link. */
  send(frame: string | Uint8Array): void
  close(code: number, reason?: string): void
  /** Bytes taken but not yet handed to the other side. */
  readonly buffered: number
}

/** What the owner of a link hears. */
export interface LinkEvents {
  frame(frame: string | Uint8Array): void
  closed(code: number, reason: string): void
}

/** One end before anybody listens: `open` attaches the listener. */
export interface LinkEnd extends Link {
  open(events: LinkEvents): void
}

/** Two ends in memory; what one sends the other hears in a later microtask, never within the call. */
export function linkPair(): [LinkEnd, LinkEnd] {
  const left = end()
  const right = end()
  left.connect(right)
  right.connect(left)
  return [left, right]
}

interface WiredEnd extends LinkEnd {
  connect(peer: WiredEnd): void
  hear(frame: string | Uint8Array): void
  end(code: number, reason: string): void
}

function end(): WiredEnd {
  let peer: WiredEnd | undefined
  let events: LinkEvents | undefined
  let closed: { code: number; reason: string } | undefined
  const early: (string | Uint8Array)[] = []
  const self: WiredEnd = {
    buffered: 0,
    connect: (other) => {
      peer = other
    },
    open: (listener) => {
      events = listener
      for (const frame of early.splice(0)) listener.frame(frame)
      if (closed) listener.closed(closed.code, closed.reason)
    },
    hear: (frame) => {
      if (closed) return
      if (events) events.frame(frame)
      else early.push(frame)
    },
    end: (code, reason) => {
      if (closed) return
      closed = { code, reason }
      events?.closed(code, reason)
    },
    send: (frame) => {
      if (!closed) queueMicrotask(() => peer?.hear(frame))
    },
    close: (code, reason = '') => {
      if (closed) return
      queueMicrotask(() => peer?.end(code, reason))
      queueMicrotask(() => self.end(code, reason))
    },
  }
  return self
}
