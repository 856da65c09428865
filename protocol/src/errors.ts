/**
 * Every way a request can fail, in one closed table (nexo-wire section 2).
 * A row fixes what each door says: the Nexo code, the HTTP status, the gRPC status and, where the failure
 * ends a socket, the close code. `retry` tells a client whether the same request may succeed later unchanged.
 */
export interface ErrorRow {
  readonly code: number
  readonly msg: string
  readonly http: number
  readonly grpc: number
  readonly close?: number
  readonly retry: boolean
}

const row = (
  code: number,
  msg: string,
  http: number,
  grpc: number,
  retry = false,
  close?: number,
): ErrorRow =>
  close === undefined ? { code, msg, http, grpc, retry } : { code, msg, http, grpc, retry, close }

export const errors = {
  invalid_parameter: row(1001, 'invalid parameter', 400, 3),
  too_large: row(1001, 'invalid parameter', 413, 3, false, 1009),
  internal: row(1002, 'internal server error', 500, 13),
  unavailable: row(1002, 'internal server error', 503, 14, true, 1013),
  unauthorized: row(1003, 'unauthorized', 401, 16, false, 4401),
  forbidden: row(1004, 'forbidden', 403, 7),
  not_found: row(1005, 'not found', 404, 5),
  too_many_requests: row(1006, 'too many requests', 429, 8, true, 1008),
  no_permission: row(1007, 'no permission to access this resource', 403, 7),
  token_invalid: row(2001, 'token invalid', 401, 16, false, 4401),
  token_expired: row(2002, 'token expired', 401, 16, false, 4401),
  token_missing: row(2003, 'token missing', 401, 16, false, 4401),
  token_mismatch: row(2004, 'token user mismatch', 401, 16),
  login_failed: row(2005, 'login failed', 401, 16),
  user_not_found: row(2006, 'user not found', 404, 5),
  user_exists: row(2007, 'user already exists', 409, 6),
  password_wrong: row(2008, 'password wrong', 401, 16),
  group_not_found: row(3001, 'group not found', 404, 5),
  group_dismissed: row(3002, 'group has been dismissed', 409, 9),
  not_member: row(3003, 'not a group member', 403, 7),
  member_inactive: row(3004, 'member not active', 403, 7),
  already_member: row(3005, 'already a group member', 409, 6),
  not_owner: row(3006, 'not group owner', 403, 7),
  not_admin: row(3007, 'not group admin', 403, 7),
  owner_stays: row(3008, 'cannot kick group owner', 403, 9),
  message_not_found: row(4001, 'message not found', 404, 5),
  duplicate_message: row(4002, 'duplicate message', 409, 6),
  conversation_not_found: row(4003, 'conversation not found', 404, 5),
  seq_failed: row(4004, 'seq allocation failed', 503, 14, true),
  send_failed: row(4005, 'message send failed', 500, 13, true),
  pull_failed: row(4006, 'message pull failed', 500, 13, true),
  connections_full: row(5001, 'connection over max limit', 503, 8, true),
  connections_capped: row(5001, 'connection over max limit', 429, 8, true),
  connection_closed: row(5002, 'connection closed', 503, 14, true, 1012),
  invalid_protocol: row(5003, 'invalid protocol', 400, 3),
  push_failed: row(5004, 'push message failed', 500, 14, true),
} as const satisfies Record<string, ErrorRow>

export type ErrorName = keyof typeof errors

/** Close codes of a socket (nexo-wire 10.5); the number alone tells a client whether to come back. */
export const closeCodes = {
  normal: 1000,
  abuse: 1008,
  too_large: 1009,
  restart: 1012,
  overload: 1013,
  session_ended: 4401,
} as const

export interface ErrorOptions {
  /** For the developer; shown in debug mode over HTTP only, never on sockets. */
  detail?: string
  /** Seconds until a retry makes sense; becomes `Retry-After`. */
  retryAfter?: number
  cause?: unknown
}

/** The only error that crosses a door as itself; anything else becomes `internal` and tells nothing. */
export class ImError extends Error {
  readonly kind: ErrorName
  readonly detail: string | undefined
  readonly retryAfter: number | undefined

  constructor(kind: ErrorName, options: ErrorOptions = {}) {
    super(errors[kind].msg, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ImError'
    this.kind = kind
    this.detail = options.detail
    this.retryAfter = options.retryAfter
  }

  get row(): ErrorRow {
    return errors[this.kind]
  }
}

const byCode = new Map<number, ErrorName>()
for (const name of Object.keys(errors) as ErrorName[]) {
  // Two names may share a code (1001 with 400 or 413): the first, plainer one speaks for it.
  if (!byCode.has(errors[name].code)) byCode.set(errors[name].code, name)
}

/** The error a client builds from an answer: the code decides, the HTTP status picks between namesakes. */
export function errorFromWire(code: number, http?: number, detail?: string): ImError {
  const twin = (Object.keys(errors) as ErrorName[]).find(
    (n) => errors[n].code === code && errors[n].http === http,
  )
  return new ImError(twin ?? byCode.get(code) ?? 'internal', detail === undefined ? {} : { detail })
}

/** Whatever was thrown, as an error that may be shown. */
export function asImError(thrown: unknown): ImError {
  return thrown instanceof ImError ? thrown : new ImError('internal', { cause: thrown })
}
