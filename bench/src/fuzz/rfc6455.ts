/** What RFC 6455 lets a server do with these bytes; an own reading of it, not the server's library's. */
export interface Forecast {
  /** Payloads of the pings that must be answered, unless a failure came so fast that nothing was. */
  readonly pings: readonly Buffer[]
  /** Whole messages. */
  readonly messages: number
  /** Undefined = the connection stays open. 1005 = a close frame without a code. */
  readonly close: ReadonlySet<number> | undefined
  /** The stream ends inside a frame or inside a message. */
  readonly isPartial: boolean
}

interface Head {
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  readonly masked: boolean
  readonly length: bigint
  /** Where the payload begins. */
  readonly start: number
  readonly maskAt: number
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const protocolError = 1002
const notUtf8 = 1007
const tooBig = 1009
const noCode = 1005

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** @param limit bytes of the largest message that is taken */
export function forecast(bytes: Buffer, limit: number): Forecast {
  const pings: Buffer[] = []
  const open = { opcode: 0, parts: [] as Buffer[], size: 0 }
  let messages = 0
  let at = 0
  const end = (close: readonly number[] | undefined, isPartial: boolean): Forecast => {
    // Who looks at text as it comes may fail at the first wrong byte, even if the message is never finished.
    const early = open.opcode === 1 && isHopeless(Buffer.concat(open.parts)) ? [notUtf8] : []
    const codes = close === undefined ? undefined : new Set([...close, ...early])
    return { pings, messages, close: codes, isPartial: isPartial || open.opcode !== 0 }
  }
  while (at < bytes.length) {
    if (bytes.length - at < 2) return end(undefined, true)
    const wrong = faultOf(bytes[at] as number, bytes[at + 1] as number, open.opcode)
    if (wrong) return end([protocolError], false)
    const head = headAt(bytes, at)
    if (head === undefined) return end(undefined, true)
    if (head.opcode < 8 && BigInt(open.size) + head.length > BigInt(limit)) {
      return end(head.length >> 63n ? [tooBig, protocolError] : [tooBig], false)
    }
    const next = head.start + Number(head.length)
    if (next > bytes.length) return end(undefined, true)
    const payload = unmasked(bytes, head, next)
    at = next
    if (head.opcode === 9) pings.push(payload)
    if (head.opcode === 8) return end(closeCodes(payload), false)
    if (head.opcode > 7) continue
    if (head.opcode !== 0) open.opcode = head.opcode
    open.parts.push(payload)
    open.size += payload.length
    if (!head.fin) continue
    if (open.opcode === 1 && !isUtf8(Buffer.concat(open.parts))) return end([notUtf8], false)
    Object.assign(open, { opcode: 0, parts: [], size: 0 })
    messages += 1
  }
  return end(undefined, false)
}

/** What is wrong can be told by the first two bytes alone, beside lengths and texts. */
function faultOf(first: number, second: number, open: number): boolean {
  const opcode = first & 15
  const fin = first >= 128
  if ((first & 0x70) !== 0 || second < 128) return true
  if (opcode >= 8)
    return opcode > 10 || !fin || (second & 127) > 125 || (opcode === 8 && (second & 127) === 1)
  if (opcode > 2) return true
  return opcode === 0 ? open === 0 : open !== 0
}

function headAt(bytes: Buffer, at: number): Head | undefined {
  const first = bytes[at] as number
  const short = (bytes[at + 1] as number) & 127
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
  const maskAt = at + 2 + lengthBytes
  if (bytes.length < at + 2 + lengthBytes) return undefined
  const length =
    lengthBytes === 0
      ? BigInt(short)
      : lengthBytes === 2
        ? BigInt(bytes.readUInt16BE(at + 2))
        : bytes.readBigUInt64BE(at + 2)
  const masked = (bytes[at + 1] as number) >= 128
  return {
    fin: first >= 128,
    rsv: (first >> 4) & 7,
    opcode: first & 15,
    masked,
    length,
    start: maskAt + 4,
    maskAt,
  }
}

function unmasked(bytes: Buffer, { start, maskAt }: Head, end: number): Buffer {
  const payload = Buffer.from(bytes.subarray(start, end))
  for (let i = 0; i < payload.length; i++) {
    payload[i] = (payload[i] as number) ^ (bytes[maskAt + (i & 3)] as number)
  }
  return payload
}

function closeCodes(payload: Buffer): number[] {
  if (payload.length === 0) return [noCode]
  const code = payload.readUInt16BE(0)
  // 1012–1014 were registered after the RFC; a server may know them or not.
  const known =
    (code >= 1000 && code <= 1011 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code < 5000)
  const isLater = code >= 1012 && code <= 1014
  if (!known && !isLater) return [protocolError]
  if (!isUtf8(payload.subarray(2))) return isLater ? [notUtf8, protocolError] : [notUtf8]
  return isLater ? [code, protocolError] : [code]
}

/** Whether no further bytes could make it UTF-8. */
function isHopeless(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return false
  } catch {
    return true
  }
}
