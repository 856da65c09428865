import {
  asImError,
  type FrameCodec,
  FrameError,
  ImError,
  type OperationName,
  operationOfFrame,
  type RequestFrame,
} from '@nexo-im/protocol'
import { isSend, tooMuch } from '../core/dispatch.ts'
import type { Session } from '../core/session.ts'
import { addOne } from '../core/tally.ts'
import type { Caller } from '../core/world.ts'
import type { Door } from './door.ts'
import { resultJson } from './nexo/view.ts'

/** Frames a client without a subprotocol knows (nexo-wire 10.3). */
const classicFrames = new Set([1001, 1002, 1003, 1005, 1006])

export interface RequestsParts {
  readonly door: Door
  readonly codec: FrameCodec
  readonly session: Session
  readonly caller: Caller
}

/** What a socket asks: one at a time in effect, answered in the order received. */
export interface Requests {
  take(raw: string | Uint8Array): void
  /** Resolves when nothing is being worked on. */
  idle(): Promise<void>
}

/** Requests of one socket that may wait for their turn; beyond it the socket is abusing us. */
const waitingLimit = 1024
/** Milliseconds between two looks at a socket that takes no answers. */
const lookPeriod = 50

export function createRequests(parts: RequestsParts): Requests {
  const { door, codec, session } = parts
  const { now } = door.world.tally
  const { write, fail, room } = answersOf(parts)
  const view = { typed: codec.name === 'nexo.v1', socket: true }
  // `placed` of the request before: in a run of sends each starts when the one before has its place in the log, everything
  // else waits for the answer before it.
  let placedBefore: Promise<void> = Promise.resolve()
  let answeredBefore: Promise<void> = Promise.resolve()
  let waiting = 0

  async function run(
    frame: RequestFrame,
    name: OperationName,
    before: Promise<void>,
    placed: () => void,
  ): Promise<void> {
    const clientMsgId = isSend(name) ? sendId(frame.data) : undefined
    const mine = answeredBefore
    let settle: () => void
    let askedAt = now()
    try {
      await before
      if (session.isUnread) {
        await room()
        askedAt = now()
      }
      if (clientMsgId !== undefined) session.unanswered.add(clientMsgId)
      const result = await door.dispatch({ ...parts.caller, placed, askedAt }, name, frame.data)
      const json = resultJson(name, result, view)
      settle = () => write(frame, undefined, json)
    } catch (error) {
      settle = () => fail(frame, error)
    }
    // What was refused takes no place: whoever comes after it must not wait until those before it are answered, too.
    placed()
    await mine
    settle()
    if (clientMsgId !== undefined) session.answered(clientMsgId)
  }

  /** In its turn, and with nothing else worked out: where three come for each that can be kept, refusing is the work. */
  function refuse(frame: RequestFrame): void {
    waiting += 1
    answeredBefore = answeredBefore.then(() => {
      waiting -= 1
      fail(frame, tooMuch)
    })
  }

  function take(raw: string | Uint8Array): void {
    if (waiting >= waitingLimit) return session.close(1008, 'too many requests at once')
    const judged = judge(parts, raw)
    if (isSend(judged.name) && door.world.writer.isBehind() && !session.isUnread) return refuse(judged.frame)
    const isPipelined = isSend(judged.name)
    const before = isPipelined ? placedBefore : answeredBefore
    waiting += 1
    let place = (): void => undefined
    const placed = new Promise<void>((resolve) => {
      place = resolve
    })
    const done = (
      judged.name === undefined
        ? answeredBefore.then(room).then(() => fail(judged.frame, judged.error))
        : run(judged.frame, judged.name, before, place)
    ).finally(() => {
      waiting -= 1
      place()
    })
    answeredBefore = done
    placedBefore = isPipelined ? placed : done
  }

  return { take, idle: () => answeredBefore }
}

interface Answers {
  write(to: RequestFrame, error: ImError | undefined, json: string): void
  fail(frame: RequestFrame, thrown: unknown): void
  room(): Promise<void>
}

function answersOf({ door, codec, session }: RequestsParts): Answers {
  function write(to: RequestFrame, error: ImError | undefined, json: string): void {
    session.answer(codec.writeAnswer(to, error, json))
  }

  function fail(frame: RequestFrame, thrown: unknown): void {
    const error = asImError(thrown)
    addOne(door.world.tally.errors.socket, error.kind)
    if (error.kind === 'internal')
      door.world.log.error({ err: error.cause, frame: frame.id }, 'request failed')
    write(frame, error, 'null')
  }

  /** Whoever takes no answers gets none worked out: one small question may have an answer of megabytes. */
  async function room(): Promise<void> {
    while (session.isUnread && !session.closed)
      await new Promise<void>((resolve) => void door.world.clock.after(lookPeriod, resolve))
  }

  return { write, fail, room }
}

function sendId(data: unknown): string | undefined {
  const id = (data as { client_msg_id?: unknown } | null | undefined)?.client_msg_id
  return typeof id === 'string' ? id : undefined
}

type Judged =
  | { readonly frame: RequestFrame; readonly name: OperationName }
  | { readonly frame: RequestFrame; readonly name?: undefined; readonly error: unknown }

/** A frame that may be dispatched, or why not; throws only what is no fault of the frame. */
function judge({ codec, caller, door }: RequestsParts, raw: string | Uint8Array): Judged {
  try {
    const frame = codec.readRequest(raw)
    const known = codec.name === 'nexo.v1' || classicFrames.has(frame.id)
    const name = known ? operationOfFrame(frame.id) : undefined
    if (name === undefined)
      return { frame, error: new ImError('invalid_protocol', { detail: 'unknown frame' }) }
    if (frame.sendId !== '' && frame.sendId !== caller.userId) {
      return { frame, error: new ImError('token_mismatch') }
    }
    if (door.phase() === 'draining') return { frame, error: new ImError('connection_closed') }
    return { frame, name }
  } catch (error) {
    if (error instanceof FrameError) return { frame: error.echo, error }
    throw error
  }
}
