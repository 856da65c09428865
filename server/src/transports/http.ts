import type { Socket } from 'node:net'
import cors, { type FastifyCorsOptions } from '@fastify/cors'
import helmet from '@fastify/helmet'
import files from '@fastify/static'
import {
  asImError,
  decodeUtf8,
  ImError,
  type Operation,
  type OperationName,
  operationNames,
  operations,
  parseJson,
} from '@nexo-im/protocol'
import openapi from '@nexo-im/protocol/openapi.json' with { type: 'json' }
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { stranger } from '../core/dispatch.ts'
import { authenticate } from '../core/people/sign-ins.ts'
import { isStoreReady } from '../core/readiness.ts'
import { addOne } from '../core/tally.ts'
import type { Caller } from '../core/world.ts'
import { docsPage, docsStyle } from './docs.ts'
import { bearer, cappedAddress, type Door, originAllowed } from './door.ts'
import { resultJson } from './nexo/view.ts'
import { readQuery } from './query.ts'
import type { WebSocketDoor } from './websocket.ts'

const bodyLimit = 4 * 1024 * 1024
const answerLimit = 30_000

/** REST, health, docs and the web app on one Fastify instance; not listening yet. */
export async function createHttpDoor(door: Door, sockets: WebSocketDoor): Promise<FastifyInstance> {
  const { options, world } = door
  const app: FastifyInstance = fastify({
    bodyLimit,
    logger: false,
    requestTimeout: answerLimit,
    // Node looks every thirty seconds unless told: whoever never ends a request would stay for twice the limit.
    http: { connectionsCheckingInterval: 2000 },
    // A user id of 64 characters may arrive as 768 percent-encoded ones.
    routerOptions: { maxParamLength: 2048, querystringParser: () => ({}) },
    frameworkErrors: (error, _request, reply) =>
      void sendError(reply as never, asClientError(error), options.debug),
    clientErrorHandler: (error, socket) => refuseRaw(error, socket),
    forceCloseConnections: 'idle',
  })
  app.server.headersTimeout = 15_000
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error, request, reply) => {
    const shown = asClientError(error)
    addOne(world.tally.errors.http, shown.kind)
    if (shown.kind === 'internal') {
      world.log.error(
        { err: shown.cause ?? error, method: request.method, path: pathOf(request) },
        'request failed',
      )
    }
    return sendError(reply, shown, options.debug)
  })
  app.setNotFoundHandler(() => {
    throw new ImError('not_found')
  })
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: contentPolicy },
    hsts: false,
  })
  await app.register(
    cors,
    () => (request: FastifyRequest, done: (error: null, options: FastifyCorsOptions) => void) =>
      done(null, corsOf(request, door)),
  )
  for (const name of operationNames) serve(app, door, name)
  app.get('/ws', (request) => sockets.refusePlain(request.raw))
  servePages(app, door)
  return app
}

/** What is no HTTP request, or has a head beyond 16 KiB, still gets the envelope. */
function refuseRaw(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const { row } = new ImError(error.code === 'HPE_HEADER_OVERFLOW' ? 'too_large' : 'invalid_parameter')
  const body = JSON.stringify({ code: row.code, msg: row.msg, data: null })
  socket.end(
    `HTTP/1.1 ${row.http} ${row.msg}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
}

/** Nothing from another host but what a chat shows; the app ships no inline script or style. */
const contentPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:', 'blob:', 'https:', 'http:'],
  mediaSrc: ["'self'", 'blob:', 'https:', 'http:'],
  connectSrc: ["'self'", 'ws:', 'wss:'],
  fontSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
}

function corsOf(request: FastifyRequest, { options }: Door): FastifyCorsOptions {
  const common = {
    methods: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'],
    allowedHeaders: [
      'Origin',
      'Content-Type',
      'Content-Length',
      'Accept-Encoding',
      'X-CSRF-Token',
      'Authorization',
    ],
    strictPreflight: false,
  }
  if (options.allowedOrigins.includes('*')) return { ...common, origin: '*', credentials: false }
  const { origin, host } = request.headers
  const listed = origin !== undefined && originAllowed(origin, host, options)
  return listed ? { ...common, origin, credentials: true } : { ...common, origin: false }
}

function serve(app: FastifyInstance, door: Door, name: OperationName): void {
  const operation: Operation = operations[name]
  for (const route of operation.routes) {
    app.route({
      method: route.method,
      url: route.path,
      // The token comes before the body: nobody without one makes us read four megabytes.
      onRequest: async (request) => {
        if (door.phase() === 'draining') throw new ImError('unavailable', { retryAfter: 1 })
        callers.set(
          request,
          operation.access === 'user' ? await identify(door, request) : nobody(door, request),
        )
      },
      handler: async (request, reply) => {
        const { query, views } = readQuery(pathAndQuery(request).query, operation, route)
        const raw = { ...readBody(request), ...query, ...(request.params as object) }
        // conversation/list: POST always answers a page (nexo-wire section 15).
        const input = name === 'conversation.list' && route.method === 'POST' ? { ...raw, paged: true } : raw
        const result = await door.dispatch(callers.get(request) ?? nobody(door, request), name, input)
        const data = resultJson(name, result, { typed: views.get('content') === 'typed', socket: false })
        return reply.type('application/json; charset=utf-8').send(`{"code":0,"msg":"success","data":${data}}`)
      },
    })
  }
}

/** Weak, so that a request that dies takes its caller with it; a decorator would be shared mutable state. */
const callers = new WeakMap<FastifyRequest, Caller>()

function nobody(door: Door, request: FastifyRequest): Caller {
  return stranger(cappedAddress(request.ip, door.options))
}

async function identify(door: Door, request: FastifyRequest): Promise<Caller> {
  const header = bearer(request.headers.authorization)
  if (header === 'missing') throw new ImError('token_missing')
  if (header === 'malformed') throw new ImError('token_invalid')
  const address = cappedAddress(request.ip, door.options)
  const askedAt = door.world.tally.now()
  const { expiresAt: _, ...caller } = await authenticate(door.world, header.token)
  return address === undefined ? { ...caller, askedAt } : { ...caller, askedAt, address }
}

function readBody(request: FastifyRequest): Record<string, unknown> {
  const body = request.body
  if (request.method === 'GET' || !Buffer.isBuffer(body) || body.length === 0) return {}
  const type = request.headers['content-type']
  if (type !== undefined && !/^\s*application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw new ImError('invalid_parameter', { detail: 'content type: application/json is required' })
  }
  const value = parseJson(decodeUtf8(body))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ImError('invalid_parameter', { detail: 'the body is one JSON object' })
  }
  return value as Record<string, unknown>
}

function pathAndQuery(request: FastifyRequest): { path: string; query: string } {
  const url = request.raw.url ?? '/'
  const at = url.indexOf('?')
  return at < 0 ? { path: url, query: '' } : { path: url.slice(0, at), query: url.slice(at + 1) }
}

/** Without the query, which may hold a token. */
const pathOf = (request: FastifyRequest): string => pathAndQuery(request).path

function asClientError(error: unknown): ImError {
  if (error instanceof ImError) return error
  const { statusCode, code } = error as { statusCode?: number; code?: string }
  if (statusCode === 413) return new ImError('too_large', { cause: error })
  if (statusCode === 404) return new ImError('not_found')
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new ImError('invalid_parameter', { detail: code ?? 'the request cannot be read', cause: error })
  }
  return asImError(error)
}

function sendError(reply: FastifyReply, error: ImError, debug: boolean): FastifyReply {
  const { row } = error
  const msg = debug && error.detail !== undefined ? `${row.msg}: ${error.detail}` : row.msg
  if (row.http === 429 || row.http === 503) void reply.header('Retry-After', String(error.retryAfter ?? 1))
  return reply
    .code(row.http)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ code: row.code, msg, data: error.told ?? null }))
}

function servePages(app: FastifyInstance, door: Door): void {
  app.get('/health', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const ready = door.phase() === 'open' && (await isStoreReady(door.world))
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready' })
  })
  const spec = JSON.stringify(openapi)
  app.get('/openapi.json', (_request, reply) => reply.type('application/json; charset=utf-8').send(spec))
  const page = docsPage()
  app.get('/docs', (_request, reply) => reply.type('text/html; charset=utf-8').send(page))
  app.get('/docs/style.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(docsStyle))
  const { webRoot } = door.options
  if (webRoot === undefined) return
  void app.register(files, {
    root: webRoot,
    // Hashed names never change; the page that names them must always be asked for.
    setHeaders: (reply, path) => {
      reply.header(
        'Cache-Control',
        path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      )
    },
    cacheControl: false,
  })
}
