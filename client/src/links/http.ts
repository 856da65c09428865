import {
  asImError,
  closeCodes,
  type Event,
  type EventData,
  type EventName,
  events,
  ImError,
  type Input,
  type Link,
  nexoV1Codec,
  type OperationName,
  operationOfFrame,
  type RequestFrame,
} from '@nexo-im/protocol'
import { isDeadToken } from '../dead-token.ts'
import type { LinkDoor, LinkListener, LinkTarget } from './link.ts'
import { newestSeqs, type PlainCall, Poller, pullList } from './poller.ts'

export interface HttpLinkOptions {
  /** ms between two looks for news; 3,000. */
  readonly pollMs?: number
  /** ms after which the link closes, so that better ones are tried again; 300,000. */
  readonly lifeMs?: number
}

const codec = nexoV1Codec()

/** Imitates a socket over REST where no WebSocket gets through: frames in, answers and polled events out. */
export function httpLink({ pollMs = 3000, lifeMs = 300_000 }: HttpLinkOptions = {}): LinkDoor {
  return {
    name: 'http',
    maxFrame: Number.POSITIVE_INFINITY,
    open: (target, listener) => new HttpLink(target, listener, pollMs, lifeMs),
  }
}

class HttpLink implements Link {
  readonly buffered = 0
  readonly #target: LinkTarget
  readonly #listener: LinkListener
  readonly #poller: Poller
  readonly #pollMs: number
  #queue: Promise<void> = Promise.resolve()
  #over = false
  #disarm: (() => void) | undefined
  readonly #dies: () => void

  constructor(target: LinkTarget, listener: LinkListener, pollMs: number, lifeMs: number) {
    this.#target = target
    this.#listener = listener
    this.#pollMs = pollMs
    this.#poller = new Poller(this.#call, (name, data) => this.#tell(name, data))
    this.#dies = target.clock.after(lifeMs, () =>
      this.close(closeCodes.restart, 'time to try a socket again'),
    )
    this.#inOrder(async () => {
      await this.#poller.poll()
      if (this.#over) return
      listener.opened()
      this.#arm()
    })
  }

  send(frame: string | Uint8Array): void {
    if (this.#over) return
    const request = codec.readRequest(frame)
    this.#inOrder(() => this.#answer(request))
  }

  close(code: number, reason = ''): void {
    if (this.#over) return
    this.#over = true
    this.#disarm?.()
    this.#dies()
    queueMicrotask(() => this.#listener.closed(code, reason))
  }

  /** As on a socket, requests take effect and are answered in the order they came. */
  #inOrder(task: () => Promise<void>): void {
    this.#queue = this.#queue.then(async () => {
      if (this.#over) return
      try {
        await task()
      } catch (thrown) {
        const error = asImError(thrown)
        this.close(isDeadToken(error) ? closeCodes.session_ended : closeCodes.overload, error.kind)
      }
    })
  }

  #arm(): void {
    if (this.#over) return
    this.#disarm = this.#target.clock.after(this.#pollMs, () => {
      this.#inOrder(async () => {
        await this.#poller.poll()
        this.#arm()
      })
    })
  }

  async #answer(request: RequestFrame): Promise<void> {
    const name = operationOfFrame(request.id)
    try {
      if (name === undefined) throw new ImError('invalid_protocol')
      const output = await this.#perform(name, request.data)
      if (this.#over) return
      this.#listener.frame(codec.writeAnswer(request, undefined, JSON.stringify(output ?? null)))
      if (name === 'message.send' || name === 'message.send_without_mark_read') await this.#poller.poll()
    } catch (thrown) {
      const error = asImError(thrown)
      // What ends a link ends it for all: the request is answered by the close.
      if (isDeadToken(error) || error.kind === 'connection_closed') throw error
      if (!this.#over) this.#listener.frame(codec.writeAnswer(request, error, 'null'))
    }
  }

  /** Operations without a route are put together from those that have one. */
  async #perform(name: OperationName, data: unknown): Promise<unknown> {
    switch (name) {
      case 'presence.subscribe':
        return this.#poller.watch((data as Input<'presence.subscribe'>).user_ids)
      case 'message.newest_seqs':
        return { seqs: await newestSeqs(this.#call, (data as Input<'message.newest_seqs'>).conversation_ids) }
      case 'message.pull_list':
        return pullList(this.#call, data as Input<'message.pull_list'>)
      default:
        return this.#call(name, data as Input<typeof name>)
    }
  }

  readonly #call: PlainCall = (name, input) => this.#target.direct(name, input, this.#target.token)

  #tell<N extends EventName>(name: N, data: EventData<N>): void {
    const { frame }: Event = events[name]
    if (!this.#over && frame !== undefined)
      this.#listener.frame(codec.writeEvent(frame, JSON.stringify(data)))
  }
}
