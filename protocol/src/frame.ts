import { type ErrorName, errors, ImError } from './errors.ts'
import { decodeUtf8, judgeJson } from './json.ts'

/** The subprotocol of our own SDK; without a subprotocol a socket speaks the old Nexo frames. */
export const subprotocol = 'nexo.v1'

/** A request as it crosses a socket (nexo-wire 10.3). */
export interface RequestFrame {
  readonly id: number
  /** The client's own numbering, echoed. */
  readonly incr: string
  readonly operationId: string
  /** Empty, or the token's user. */
  readonly sendId: string
  readonly data: unknown
}

/** An answer or an event. */
export interface AnswerFrame {
  readonly id: number
  readonly incr: string
  readonly operationId: string
  /** Nexo code, 0 when all went well. */
  readonly code: number
  readonly message: string
  readonly data: unknown
}

/** An unreadable request; `echo` holds what could be read, for the answer. */
export class FrameError extends ImError {
  readonly echo: RequestFrame

  constructor(kind: ErrorName, echo: RequestFrame, detail: string) {
    super(kind, { detail })
    this.echo = echo
  }
}

export interface Base64 {
  encode(text: string): string
  /** Throws on anything but standard padded base64. */
  decode(base64: string): string
}

/** Both halves of both ends of one wire. */
export interface FrameCodec {
  readonly name: 'nexo' | 'nexo.v1'
  /** Whether the server's frames are binary WebSocket frames. */
  readonly binary: boolean
  writeRequest(frame: RequestFrame): string
  /** Throws FrameError. `binary` tells how the bytes came. */
  readRequest(raw: string | Uint8Array): RequestFrame
  /** `dataJson` is ready JSON text, or `null`. */
  writeAnswer(to: RequestFrame, error: ImError | undefined, dataJson: string): string
  writeEvent(id: number, dataJson: string, error?: ErrorName): string
  /** Throws ImError `invalid_protocol` when the server talks nonsense. */
  readAnswer(raw: string | Uint8Array): AnswerFrame
}

const portableBase64: Base64 = {
  encode: (text) => {
    let latin = ''
    for (const byte of new TextEncoder().encode(text)) latin += String.fromCharCode(byte)
    return btoa(latin)
  },
  decode: (base64) => {
    const latin = atob(base64)
    return decodeUtf8(Uint8Array.from(latin, (c) => c.charCodeAt(0)))
  },
}

const padded = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The default codec: JSON frames whose `data` is a base64 JSON document. */
export function nexoCodec(base64: Base64 = portableBase64): FrameCodec {
  return codec({
    name: 'nexo',
    binary: true,
    showData: (json) => (json === 'null' ? 'null' : `"${base64.encode(json)}"`),
    takeData: (data) => {
      if (data === undefined || data === null) return undefined
      if (typeof data !== 'string')
        throw new ImError('invalid_protocol', { detail: 'data: base64 is required' })
      if (!padded.test(data)) throw new ImError('invalid_protocol', { detail: 'data: not padded base64' })
      if (data === '') return ''
      const { text, value } = parsed(() => base64.decode(data))
      judgeJson(text, value)
      return value
    },
  })
}

/** Bytes that are no UTF-8 JSON are a broken frame, not a wrong value in a sound one. */
function parsed(decode: () => string): { text: string; value: unknown } {
  try {
    const text = decode()
    return { text, value: JSON.parse(text) }
  } catch (cause) {
    throw new ImError('invalid_protocol', { cause })
  }
}

/** The codec of `nexo.v1`: text frames with nested JSON. */
export function nexoV1Codec(): FrameCodec {
  return codec({
    name: 'nexo.v1',
    binary: false,
    showData: (json) => json,
    takeData: (data, text) => {
      if (typeof data === 'string' && data !== '') {
        throw new ImError('invalid_protocol', { detail: 'data: a JSON object is required' })
      }
      judgeJson(text, data)
      return data ?? undefined
    },
  })
}

interface Dialect {
  readonly name: FrameCodec['name']
  readonly binary: boolean
  showData(json: string): string
  /** `text` is the whole frame. Throws `invalid_parameter` for a value no JSON may hold here, else anything. */
  takeData(data: unknown, text: string): unknown
}

/** `err_msg` of failures that are the frame's own, fixed by old clients (nexo-wire 10.3). */
const frameMessages: Partial<Record<ErrorName, string>> = {
  invalid_protocol: 'invalid protocol',
  token_mismatch: 'user Id mismatch',
}

function errorMessage(kind: ErrorName): string {
  return frameMessages[kind] ?? `errcode: ${errors[kind].code}, msg: ${errors[kind].msg}`
}

/** Old clients know `null` there; ours get the name of the refusal and what to do. */
function toldJson({ name }: Dialect, error: ImError): string {
  return name === 'nexo.v1' && error.told ? JSON.stringify(error.told) : 'null'
}

function codec(dialect: Dialect): FrameCodec {
  return {
    name: dialect.name,
    binary: dialect.binary,
    writeRequest: (f) => {
      const json = f.data === undefined ? 'null' : JSON.stringify(f.data)
      return `{"req_identifier":${f.id},"msg_incr":${JSON.stringify(f.incr)},"operation_id":${JSON.stringify(
        f.operationId,
      )},"send_id":${JSON.stringify(f.sendId)},"data":${dialect.showData(json)}}`
    },
    readRequest: (raw) => readRequest(dialect, raw),
    writeAnswer: (to, error, dataJson) =>
      error === undefined
        ? envelope(to, 0, '', dialect.showData(dataJson), 0)
        : envelope(to, 1, errorMessage(error.kind), toldJson(dialect, error), error.row.code),
    writeEvent: (id, dataJson, error) => {
      const to = { id, incr: '', operationId: '' }
      const data = dialect.showData(dataJson)
      return error === undefined
        ? envelope(to, 0, '', data, 0)
        : envelope(to, 1, errorMessage(error), data, errors[error].code)
    },
    readAnswer: (raw) => readAnswer(dialect, raw),
  }
}

function envelope(
  to: Pick<RequestFrame, 'id' | 'incr' | 'operationId'>,
  errCode: 0 | 1,
  message: string,
  data: string,
  code: number,
): string {
  // Put together by hand: the data is ready JSON already, and this line runs for every push.
  return `{"req_identifier":${to.id},"msg_incr":${JSON.stringify(to.incr)},"operation_id":${JSON.stringify(
    to.operationId,
  )},"err_code":${errCode},"err_msg":${JSON.stringify(message)},"data":${data},"code":${code}}`
}

const nobody: RequestFrame = { id: 0, incr: '', operationId: '', sendId: '', data: undefined }
const words = (v: unknown): string => (typeof v === 'string' && v.isWellFormed() ? v : '')

function readRequest(dialect: Dialect, raw: string | Uint8Array): RequestFrame {
  const { fields, text } = readFields(raw)
  if (fields === undefined) throw new FrameError('invalid_protocol', nobody, 'a frame is one JSON object')
  const id = fields['req_identifier']
  const echo: RequestFrame = {
    id: Number.isSafeInteger(id) ? (id as number) : 0,
    incr: words(fields['msg_incr']),
    operationId: words(fields['operation_id']),
    sendId: words(fields['send_id']),
    data: undefined,
  }
  if (echo.id === 0) throw new FrameError('invalid_protocol', echo, 'req_identifier: an integer is required')
  try {
    return { ...echo, data: dialect.takeData(fields['data'], text) }
  } catch (error) {
    const isValue = error instanceof ImError && error.kind === 'invalid_parameter'
    throw new FrameError(isValue ? 'invalid_parameter' : 'invalid_protocol', echo, 'data cannot be read')
  }
}

function readFields(raw: string | Uint8Array): { fields?: Record<string, unknown>; text: string } {
  try {
    const text = typeof raw === 'string' ? raw : decodeUtf8(raw)
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? { fields: value as Record<string, unknown>, text } : { text }
  } catch {
    return { text: '' }
  }
}

function readAnswer(dialect: Dialect, raw: string | Uint8Array): AnswerFrame {
  const { fields, text } = readFields(raw)
  if (fields === undefined || typeof fields['req_identifier'] !== 'number') {
    throw new ImError('invalid_protocol', { detail: 'the server sent an unreadable frame' })
  }
  return {
    id: fields['req_identifier'],
    incr: words(fields['msg_incr']),
    operationId: words(fields['operation_id']),
    code: typeof fields['code'] === 'number' ? fields['code'] : fields['err_code'] === 0 ? 0 : 1002,
    message: words(fields['err_msg']),
    data: dialect.takeData(fields['data'], text),
  }
}
