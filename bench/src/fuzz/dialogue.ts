import { frameBytes } from './frame-writer.ts'
import type { Entry } from './grammar.ts'
import { type Heard, openProbe, type Probe } from './probe.ts'

export type DoorName = 'http' | 'nexo.v1' | 'nexo'

/** What a door says: a code, or how it closed. */
export interface Said {
  /** Nexo code; 0 = done. */
  readonly code: number
  /** The answer's `data`, read. */
  readonly data: unknown
  /** Code of the close frame, where the question ended its socket. */
  readonly closed: number | undefined
}

/** One question at a time through one door; `json` is sent byte for byte as the input. */
export interface Dialogue {
  readonly door: DoorName
  ask(entry: Entry, json: string): Promise<Said>
  /** Data of the events so far; none over HTTP. */
  pushes(): readonly unknown[]
  end(): Promise<void>
}

const patienceMs = 15_000
/** Of a request, as documented, and the status of those beyond it. */
const bodyLimit = 4 * 2 ** 20
const payloadTooLarge = 413

export function openHttpDialogue(url: string, token: string): Dialogue {
  return {
    door: 'http',
    ask: async ({ method, path, fields }, json) => {
      const isGet = method === 'GET'
      // Messages are shown as they were sent, not as old clients want them.
      const address = new URL(`${path}?content=typed`, url)
      const inQuery = new Set(fields.filter(({ place }) => place === 'query').map(({ name }) => name))
      if (isGet || inQuery.size > 1) {
        const input = JSON.parse(json) as Record<string, unknown>
        for (const [name, value] of Object.entries(input)) {
          if (isGet || inQuery.has(name)) address.searchParams.set(name, String(value))
        }
      }
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const send = (): Promise<Response> =>
        fetch(address, {
          ...{ method, headers, signal: AbortSignal.timeout(patienceMs) },
          ...(!isGet && { body: json }),
        })
      const closed = (error: unknown): undefined => {
        if (!isClosedMeanwhile(error)) throw error
      }
      const answer = (await send().catch(closed)) ?? (await send().catch(closed))
      if (answer === undefined) {
        // Told before the whole of it has arrived, which whoever is still writing may not come to read.
        if (json.length > bodyLimit) return { code: payloadTooLarge, data: undefined, closed: undefined }
        throw new Error(
          `the connection was closed twice under ${method} ${path} with ${json.length} characters`,
        )
      }
      const { code, data } = (await answer.json()) as { code: number; data: unknown }
      return { code: answer.status >= 500 ? -answer.status : code, data, closed: undefined }
    },
    pushes: () => [],
    end: async () => undefined,
  }
}

/** A kept connection may be closed just when it is used again: every client of HTTP/1.1 tries once more on a fresh one. */
function isClosedMeanwhile(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as { code?: string }
  return code === 'EPIPE' || code === 'ECONNRESET' || code === 'UND_ERR_SOCKET'
}

interface Frame {
  readonly req_identifier: number
  readonly msg_incr: string
  readonly code: number
  readonly data: unknown
}

export async function openSocketDialogue(
  url: string,
  token: string,
  door: 'nexo.v1' | 'nexo',
): Promise<Dialogue> {
  const { hostname: host, port } = new URL(url)
  const subprotocol = door === 'nexo' ? undefined : door
  const open = (): Promise<Probe> => openProbe({ host, port: Number(port), token, subprotocol })
  let probe = await open()
  let n = 0
  const frames = (): Frame[] =>
    probe.heard.filter(({ opcode }) => opcode < 3).map(({ payload }) => read(payload))
  const read = (payload: Buffer): Frame => {
    const frame = JSON.parse(payload.toString()) as Frame
    const isQuoted = door === 'nexo' && typeof frame.data === 'string' && frame.data !== ''
    return isQuoted
      ? { ...frame, data: JSON.parse(Buffer.from(frame.data as string, 'base64').toString()) as unknown }
      : frame
  }
  return {
    door,
    ask: async ({ frame }, json) => {
      if (probe.isEnded || probe.closeCode !== undefined) {
        await probe.end(1000)
        probe = await open()
      }
      const incr = `d${n++}`
      const data = door === 'nexo' ? JSON.stringify(Buffer.from(json).toString('base64')) : json
      const request = `{"req_identifier":${frame},"msg_incr":"${incr}","operation_id":"","send_id":"","data":${data}}`
      const from = probe.heard.length
      probe.write(frameBytes({ opcode: door === 'nexo' ? 2 : 1, payload: request }))
      // What cannot be read at all is answered without its number, as number 0.
      const isMine = (payload: Buffer): boolean =>
        payload.includes(`"${incr}"`) || payload.includes('{"req_identifier":0,')
      const mine = (): Heard | undefined =>
        probe.heard.slice(from).find(({ opcode, payload }) => opcode < 3 && isMine(payload))
      await probe.until(() => probe.closeCode !== undefined || mine() !== undefined, patienceMs)
      const found = mine()
      const answer = found === undefined ? undefined : read(found.payload)
      if (answer === undefined) return { code: -1, data: undefined, closed: probe.closeCode }
      return { code: answer.code, data: answer.data, closed: undefined }
    },
    pushes: () =>
      frames()
        .filter(({ msg_incr, req_identifier: id }) => msg_incr === '' && id >= 2000)
        .map(({ data }) => data),
    end: async () => void (await probe.end(1000)),
  }
}

/** Every string in a value, and in the JSON that strings hold. */
export function stringsIn(value: unknown, found: Set<string> = new Set(), depth = 0): Set<string> {
  if (typeof value === 'string') {
    found.add(value)
    if (depth < 4 && /^[{[]/.test(value)) {
      try {
        stringsIn(JSON.parse(value), found, depth + 1)
      } catch {
        // It only looked like JSON.
      }
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) stringsIn(inner, found, depth)
  }
  return found
}
