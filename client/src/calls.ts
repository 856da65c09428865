import {
  type AnswerFrame,
  closeCodes,
  errorFromWire,
  type FrameCodec,
  type FrameOutput,
  ImError,
  type Input,
  type Link,
  type Operation,
  type OperationName,
  operations,
} from '@nexo-im/protocol'
import type { Clock } from './clock.ts'

export interface CallsOptions {
  readonly codec: FrameCodec
  readonly clock: Clock
  /** ms until an unanswered request rejects as `unavailable`. */
  readonly timeoutMs: number
  /** A request ran out of time: answers leave in order, so nothing behind it will come either. */
  readonly stalled: () => void
}

/** Requests and their answers on the link of the moment, matched by `msg_incr`. */
export interface Calls {
  /** The link requests go to from now on; `maxFrame` in bytes. */
  attach(link: Link, maxFrame: number): void
  /** Whether the request would be accepted by the link of the moment. */
  fits<N extends OperationName>(name: N, input: Input<N>): boolean
  call<N extends OperationName>(name: N, input: Input<N>, timeoutMs?: number): Promise<FrameOutput<N>>
  answer(frame: AnswerFrame): void
  /** The link is gone: every open request rejects with an error that may be retried. */
  died(code: number): void
}

interface Waiting {
  readonly bytes: number
  readonly resolve: (data: unknown) => void
  readonly reject: (error: ImError) => void
  readonly disarm: () => void
}

interface Attached {
  readonly link: Link
  readonly maxFrame: number
}

export function createCalls({ codec, clock, timeoutMs, stalled }: CallsOptions): Calls {
  const waiting = new Map<string, Waiting>()
  let current: Attached | undefined
  let count = 0

  function write(name: OperationName, data: unknown, incr: string): string | undefined {
    const { frame }: Operation = operations[name]
    if (frame === undefined) return undefined
    return codec.writeRequest({ id: frame, incr, operationId: incr, sendId: '', data })
  }

  return {
    attach: (link, maxFrame) => {
      current = { link, maxFrame }
    },
    fits: (name, input) => {
      const raw = current && write(name, input, String(count + 1))
      return (
        raw !== undefined && current !== undefined && byteLength(raw, current.maxFrame) <= current.maxFrame
      )
    },
    call: (name, input, limit = timeoutMs) => {
      const incr = String(++count)
      const raw = write(name, input, incr)
      if (current === undefined || raw === undefined) {
        return Promise.reject(new ImError('connection_closed', { detail: `${name} needs a socket` }))
      }
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      const disarm = clock.after(limit, () => {
        if (!waiting.delete(incr)) return
        reject(new ImError('unavailable', { detail: `${name} was not answered in time` }))
        stalled()
      })
      waiting.set(incr, { bytes: raw.length, resolve, reject, disarm })
      current.link.send(raw)
      return promise as Promise<FrameOutput<typeof name>>
    },
    answer: (frame) => {
      const call = waiting.get(frame.incr)
      if (call === undefined) return
      waiting.delete(frame.incr)
      call.disarm()
      if (frame.code === 0) call.resolve(frame.data ?? null)
      else call.reject(errorFromWire(frame.code, undefined, frame.message, frame.data))
    },
    died: (code) => {
      current = undefined
      const open = [...waiting.values()]
      waiting.clear()
      // A frame over the server's limit ends the socket (1009): repeating it would end the next one too.
      const culprit = code === closeCodes.too_large ? largest(open) : undefined
      for (const call of open) {
        call.disarm()
        call.reject(new ImError(call === culprit ? 'too_large' : 'connection_closed'))
      }
    },
  }
}

function largest(calls: readonly Waiting[]): Waiting | undefined {
  return calls.reduce<Waiting | undefined>(
    (top, call) => (top && top.bytes >= call.bytes ? top : call),
    undefined,
  )
}

/** UTF-8 bytes; a UTF-16 unit is at most three, so most frames are known to fit without encoding. */
function byteLength(text: string, limit: number): number {
  return text.length * 3 <= limit ? text.length : new TextEncoder().encode(text).length
}
