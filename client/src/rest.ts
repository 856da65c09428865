import {
  errorFromWire,
  ImError,
  type Input,
  type Operation,
  type OperationName,
  type Output,
  operations,
  parseJson,
  type Route,
} from '@nexo-im/protocol'
import type { Clock } from './clock.ts'

/** Calls an operation without a socket. Rejects with ImError; a request that never arrived is `connection_closed`. */
export type Direct = <N extends OperationName>(
  name: N,
  input: Input<N>,
  token: string | undefined,
) => Promise<Output<N>>

export interface RestOptions {
  /** `http(s)://host[:port][/prefix]`. */
  readonly url: string
  readonly fetch: typeof fetch
  readonly clock: Clock
  /** ms until an unanswered request is given up. */
  readonly timeoutMs: number
}

export interface RestRequest {
  readonly method: Route['method']
  /** Path and query, below the server's address. */
  readonly path: string
  readonly body: string | undefined
}

export function createRest(options: RestOptions): Direct {
  const base = options.url.replace(/\/+$/, '')
  return async <N extends OperationName>(name: N, input: Input<N>, token: string | undefined) => {
    const request = restRequest(name, input as Readonly<Record<string, unknown>>)
    if (request === undefined) throw new ImError('connection_closed', { detail: `${name} needs a socket` })
    const headers: Record<string, string> = {}
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`
    if (request.body !== undefined) headers['content-type'] = 'application/json'
    const init: RequestInit = { method: request.method, headers }
    if (request.body !== undefined) init.body = request.body
    return (await exchange(options, base + request.path, init)) as Output<N>
  }
}

/** The request of an operation, derived from its row; undefined when it has no route. */
function restRequest(name: OperationName, input: Readonly<Record<string, unknown>>): RestRequest | undefined {
  const operation: Operation = operations[name]
  const route = operation.routes[0]
  if (route === undefined) return undefined
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined))
  const path = route.path.replace(/:(\w+)/g, (_, key: string) => {
    const value = rest.get(key)
    rest.delete(key)
    return encodeURIComponent(String(value ?? ''))
  })
  const query = new URLSearchParams()
  for (const key of route.method === 'GET' ? [...rest.keys()] : (route.query ?? [])) {
    if (rest.has(key)) query.set(key, String(rest.get(key)))
    rest.delete(key)
  }
  if (operation.messages !== undefined) query.set('content', 'typed')
  const body = route.method === 'GET' ? undefined : JSON.stringify(Object.fromEntries(rest))
  return { method: route.method, path: query.size > 0 ? `${path}?${query}` : path, body }
}

async function exchange(options: RestOptions, url: string, init: RequestInit): Promise<unknown> {
  const abort = new AbortController()
  const disarm = options.clock.after(options.timeoutMs, () => abort.abort())
  try {
    const response = await options.fetch(url, { ...init, signal: abort.signal })
    return readEnvelope(response, await response.text())
  } catch (thrown) {
    if (thrown instanceof ImError) throw thrown
    throw new ImError('connection_closed', { cause: thrown, detail: 'the server could not be reached' })
  } finally {
    disarm()
  }
}

function readEnvelope(response: Response, text: string): unknown {
  const envelope = envelopeOf(text)
  if (envelope === undefined) throw foreignAnswer(response.status)
  if (envelope.code === 0) return envelope.data
  const error = errorFromWire(envelope.code, response.status, envelope.msg, envelope.data)
  const { kind, retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN), until } = error
  throw new ImError(kind, {
    detail: envelope.msg,
    ...(Number.isFinite(retryAfter) ? { retryAfter } : {}),
    ...(until !== undefined && { until }),
  })
}

function envelopeOf(text: string): { code: number; msg: string; data: unknown } | undefined {
  try {
    const value = parseJson(text)
    if (typeof value !== 'object' || value === null || !('code' in value)) return undefined
    const { code, msg, data } = value as Record<string, unknown>
    return typeof code === 'number' ? { code, msg: typeof msg === 'string' ? msg : '', data } : undefined
  } catch {
    return undefined
  }
}

/** Something between us and the server answered: never a reason to give up a token. */
function foreignAnswer(status: number): ImError {
  const detail = `an answer without envelope, status ${status}`
  if (status === 413) return new ImError('too_large', { detail })
  if (status === 429) return new ImError('too_many_requests', { detail })
  if (status === 403 || status === 404) return new ImError('not_found', { detail })
  return new ImError('unavailable', { detail })
}
