import type { TSchema } from 'typebox'
import { errors } from './errors.ts'
import type { Operation, Route } from './operation.ts'
import { operationNames, operations } from './operations.ts'
import { protocolVersion } from './version.ts'

type Json = Record<string, unknown>

/** The REST side of the contract as OpenAPI 3.1, printed from the operations table. */
export function openapi(): Json {
  const paths: Record<string, Json> = {}
  for (const name of operationNames) {
    const operation: Operation = operations[name]
    for (const route of operation.routes) {
      const path = route.path.replace(/:(\w+)/g, '{$1}')
      paths[path] ??= {}
      ;(paths[path] as Json)[route.method.toLowerCase()] = method(name, operation, route)
    }
  }
  paths['/health'] = {
    get: {
      operationId: 'health',
      summary: 'Whether the process lives',
      responses: { 200: answer('Alive', { type: 'object', properties: { status: { type: 'string' } } }) },
    },
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Nexo IM',
      version: `${protocolVersion}.0.0`,
      description: 'Every answer is {code, msg, data} with a real HTTP status. Sockets: GET /ws?token=…',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    paths,
  }
}

function method(name: string, operation: Operation, route: Route): Json {
  const fields = operation.input.properties as Readonly<Record<string, TSchema>>
  const required = new Set((operation.input as { required?: readonly string[] }).required ?? [])
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map((m) => m[1] ?? '')
  const all = Object.keys(fields)
  const inQuery = route.method === 'GET' ? all.filter((f) => !inPath.includes(f)) : (route.query ?? [])
  const inBody = all.filter((f) => !inPath.includes(f) && !inQuery.includes(f))
  const parameters: Json[] = [...inPath, ...inQuery].map((field) => ({
    name: field,
    in: inPath.includes(field) ? 'path' : 'query',
    required: inPath.includes(field) || required.has(field),
    schema: fields[field],
  }))
  if (operation.messages !== undefined) {
    const schema = { type: 'string', enum: ['flat', 'typed'] }
    parameters.push({
      name: 'content',
      in: 'query',
      required: false,
      description: 'View of messages.',
      schema,
    })
  }
  const body = {
    type: 'object',
    properties: pick(fields, inBody),
    required: inBody.filter((f) => required.has(f)),
  }
  return {
    // A path may have two methods for one operation; the id must stay unique.
    operationId: route === operation.routes[0] ? name : `${name}.${route.method.toLowerCase()}`,
    summary: operation.summary,
    tags: [name.split('.')[0]],
    ...(operation.access === 'user' && { security: [{ bearer: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(route.method !== 'GET' && { requestBody: { content: { 'application/json': { schema: body } } } }),
    responses: responses(operation),
  }
}

function pick(fields: Readonly<Record<string, TSchema>>, names: readonly string[]): Json {
  return Object.fromEntries(names.map((n) => [n, fields[n]]))
}

const always = ['invalid_parameter', 'too_large', 'internal', 'unavailable'] as const
const signedIn = [
  'token_missing',
  'token_invalid',
  'token_expired',
  'unauthorized',
  'too_many_requests',
] as const

function responses(operation: Operation): Json {
  const names = new Set([...always, ...(operation.access === 'user' ? signedIn : []), ...operation.errors])
  const byStatus = Map.groupBy(names, (n) => errors[n].http)
  const failures = [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, list]) => {
      const codes = [...new Set(list.map((n) => `${errors[n].code} ${errors[n].msg}`))]
      return [status, answer(codes.join(' · '), envelope({ type: 'null' }))]
    })
  return { 200: answer('Done', envelope(operation.output)), ...Object.fromEntries(failures) }
}

function envelope(data: unknown): Json {
  return {
    type: 'object',
    properties: { code: { type: 'integer' }, msg: { type: 'string' }, data },
    required: ['code', 'msg', 'data'],
  }
}

function answer(description: string, schema: unknown): Json {
  return { description, content: { 'application/json': { schema } } }
}
