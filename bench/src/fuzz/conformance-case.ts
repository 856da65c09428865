/** One case: what is written, and what must come back. */
export interface Case {
  /** Numbered as in the suite that everybody knows. */
  readonly id: string
  readonly send: readonly Step[]
  /** Texts that a server which echoes had to send back, in this order. */
  readonly echoes?: readonly string[]
  /** Whole messages that are no requests: each gets one answer, that says so. */
  readonly refusals?: number
  readonly pongs?: readonly (Buffer | string)[]
  /** Any of these codes; 1005 = a close frame without one. Undefined = the connection stays open. */
  readonly close?: readonly number[]
  /** Answers may be missing, because the failure came right behind what they answer. */
  readonly mayLack?: boolean
  /** The classic codec, in which frames are binary. */
  readonly binary?: boolean
  /** Only where `websocket.max_message_size` is 16 MiB. */
  readonly large?: boolean
}

/** Bytes of one write; `chop` = in pieces of so many bytes. */
export interface Step {
  readonly bytes: Buffer
  readonly chop?: number
}

/**
 * The server is no echo server: it gives back the numbering that a client gave its request. So the text to be echoed is
 * put there, and the request is padded with white space to the length that a case is about.
 */
export function request(text: string, length = 0): Buffer {
  const body = Buffer.from(
    `{"req_identifier":1002,"msg_incr":${JSON.stringify(text)},"operation_id":"","data":null}`,
  )
  return length <= body.length ? body : Buffer.concat([body, Buffer.alloc(length - body.length, 0x20)])
}

export const write = (...frames: readonly Buffer[]): Step[] => [{ bytes: Buffer.concat(frames) }]
export const apart = (...frames: readonly Buffer[]): Step[] => frames.map((bytes) => ({ bytes }))
