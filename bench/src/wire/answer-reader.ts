import { decodeQuoted } from './base64.ts'
import { readNumber } from './digits.ts'
import { FieldFinder } from './field-finder.ts'
import type { Codec } from './send-template.ts'

/** What frames mean to a generator. `n` is the message number that the sender stamped. */
export interface AnswerSink<L> {
  acked(link: L, n: number, seq: number, serverId: number): void
  refused(link: L, n: number, frame: string): void
  pushed(link: L, n: number, seq: number): void
  /** Pushes of these conversations were left out up to their seq. */
  resync(link: L, conversations: Readonly<Record<string, number>>): void
  /** The session ended, or a frame that no contract allows. */
  broken(link: L, frame: string): void
}

export type AnswerReader<L> = (
  sink: AnswerSink<L>,
  link: L,
  bytes: Uint8Array,
  start: number,
  end: number,
) => void

/** Reads the server's frames without parsing JSON: only the few fields that matter are looked for. */
export function answerReader<L>(codec: Codec): AnswerReader<L> {
  const frameId = new FieldFinder('"req_identifier":')
  const read = { ack: ackReader<L>(codec), push: pushReader<L>(codec) }
  return (sink, link, bytes, start, end) => {
    const at = frameId.find(bytes, start, end)
    const id = at < 0 ? -1 : readNumber(bytes, at, end)
    if (id === 2001) return read.push(sink, link, bytes, start, end)
    if (id === 1003) return read.ack(sink, link, bytes, start, end)
    if (id === 3001) return sink.resync(link, leftOut(codec, bytes, start, end))
    // Events of `nexo.v1` beyond the classic three are nothing a generator counts.
    if (id < 2003 || id > 2999) sink.broken(link, textOf(bytes, start, end))
  }
}

/** For the ceilings: every frame is one of our own, coming back. */
export function mirrorReader<L>(as: 'ack' | 'push'): AnswerReader<L> {
  const incr = new FieldFinder('"msg_incr":"')
  return (sink, link, bytes, start, end) => {
    const n = readNumber(bytes, incr.find(bytes, start, end), end)
    if (as === 'ack') sink.acked(link, n, 0, 0)
    else sink.pushed(link, n, 0)
  }
}

function ackReader<L>(codec: Codec): AnswerReader<L> {
  const incr = new FieldFinder('"msg_incr":"')
  const good = new FieldFinder('"err_code":0')
  const seqField = new FieldFinder('"seq":')
  const idField = new FieldFinder('"server_msg_id":')
  const open = dataOpener(codec)
  return (sink, link, bytes, start, end) => {
    const n = readNumber(bytes, incr.find(bytes, start, end), end)
    if (good.find(bytes, start, end) < 0) return sink.refused(link, n, textOf(bytes, start, end))
    const data = open(bytes, start, end)
    const seq = readNumber(data.bytes, seqField.find(data.bytes, data.start, data.end), data.end)
    const serverId = readNumber(data.bytes, idField.find(data.bytes, data.start, data.end), data.end)
    if (seq < 1 || serverId < 1) return sink.broken(link, textOf(bytes, start, end))
    sink.acked(link, n, seq, serverId)
  }
}

function pushReader<L>(codec: Codec): AnswerReader<L> {
  // The first message of a frame and the following ones lie at different distances: a finder, and hint, for each.
  const seqField = [new FieldFinder('"seq":'), new FieldFinder('"seq":')] as const
  const idField = [new FieldFinder('"client_msg_id":"'), new FieldFinder('"client_msg_id":"')] as const
  const open = dataOpener(codec)
  return (sink, link, bytes, start, end) => {
    const data = open(bytes, start, end)
    let seqAt = seqField[0].find(data.bytes, data.start, data.end)
    let idAt = idField[0].find(data.bytes, data.start, data.end)
    if (seqAt < 0 || idAt < 0) return sink.broken(link, textOf(bytes, start, end))
    while (seqAt >= 0 && idAt >= 0) {
      sink.pushed(link, readNumber(data.bytes, idAt, data.end), readNumber(data.bytes, seqAt, data.end))
      seqAt = seqField[1].find(data.bytes, seqAt, data.end)
      idAt = idField[1].find(data.bytes, idAt, data.end)
    }
  }
}

interface Slice {
  bytes: Uint8Array
  start: number
  end: number
}

/** Makes the JSON of `data` readable; the slice is good until the next call. */
function dataOpener(codec: Codec): (bytes: Uint8Array, start: number, end: number) => Slice {
  const slice: Slice = { bytes: new Uint8Array(0), start: 0, end: 0 }
  if (codec === 'nexo.v1') {
    return (bytes, start, end) => {
      slice.bytes = bytes
      slice.start = start
      slice.end = end
      return slice
    }
  }
  const dataField = new FieldFinder('"data":"')
  let plain = new Uint8Array(4096)
  return (bytes, start, end) => {
    if (end - start > plain.length) plain = new Uint8Array((end - start) * 2)
    const at = dataField.find(bytes, start, end)
    slice.bytes = plain
    slice.end = at < 0 ? 0 : decodeQuoted(bytes, at, end, plain)
    return slice
  }
}

function leftOut(codec: Codec, bytes: Uint8Array, start: number, end: number): Record<string, number> {
  const frame = JSON.parse(textOf(bytes, start, end)) as { data: unknown }
  const data =
    codec === 'nexo.v1' ? frame.data : JSON.parse(Buffer.from(String(frame.data), 'base64').toString())
  return (data as { conversations: Record<string, number> }).conversations
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()
}
