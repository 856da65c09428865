import { encodeGroups } from './base64.ts'
import { digits, digitsOf, writeDigits } from './digits.ts'
import { headerLength, mask, maskedFrame, opcodes } from './masked-frame.ts'

/** `nexo.v1` is text with nested JSON, `nexo` the old binary frame with base64 data. */
export type Codec = 'nexo.v1' | 'nexo'

/** Where a message goes: exactly one of the two. */
export type Target = { readonly recv_id: string } | { readonly group_id: string }

/** A whole send frame, ready but for its number. */
export interface SendTemplate {
  readonly frame: Buffer
  /** Puts message number `n` into the copy of `frame` that begins at `at`. */
  stamp(copy: Uint8Array, at: number, n: number): void
}

const sendId = 1003
/** 18 bytes, a multiple of 3, so that the digits after it are whole base64 groups. */
const dataHead = '{"client_msg_id":"'

export function sendTemplate(codec: Codec, target: Target, text: string): SendTemplate {
  const data = `${dataHead}${digitsOf(0)}",${routeOf(target)},"msg_type":1,"content":{"text":${JSON.stringify({ text })}}}`
  const shown = codec === 'nexo.v1' ? data : `"${Buffer.from(data).toString('base64')}"`
  const head = `{"req_identifier":${sendId},"msg_incr":"`
  const middle = `${digitsOf(0)}","operation_id":"","send_id":"","data":`
  const payload = Buffer.from(`${head}${middle}${shown}}`)
  const start = headerLength(payload.length)
  const incrAt = head.length
  const idAt =
    head.length + middle.length + (codec === 'nexo.v1' ? dataHead.length : 1 + (dataHead.length / 3) * 4)
  const plain = new Uint8Array(digits)
  const coded = new Uint8Array((digits / 3) * 4)
  return {
    frame: maskedFrame(payload, codec === 'nexo.v1' ? opcodes.text : opcodes.binary),
    stamp: (copy, at, n) => {
      writeDigits(plain, 0, n)
      putMasked(copy, at + start, incrAt, plain)
      if (codec === 'nexo.v1') return putMasked(copy, at + start, idAt, plain)
      encodeGroups(plain, digits, coded, 0)
      putMasked(copy, at + start, idAt, coded)
    },
  }
}

function routeOf(target: Target): string {
  return 'recv_id' in target
    ? `"recv_id":${JSON.stringify(target.recv_id)},"session_type":1`
    : `"group_id":${JSON.stringify(target.group_id)},"session_type":2`
}

function putMasked(copy: Uint8Array, payloadStart: number, place: number, bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) {
    copy[payloadStart + place + i] = (bytes[i] as number) ^ (mask[(place + i) & 3] as number)
  }
}
