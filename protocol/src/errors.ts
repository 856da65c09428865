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
  /** What the person can do about it; rows that have one tell their name and it in the answer's `data`. */
  readonly hint?: string
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

/** A refusal of our own beyond Nexo's table: its name is stable, its hint says what to do. */
const told = (code: number, msg: string, http: number, grpc: number, hint: string): ErrorRow => ({
  ...row(code, msg, http, grpc),
  hint,
})

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
  // Nexo knows one code, 1004, for all of these; the name tells them apart.
  blocked: told(1004, 'forbidden', 403, 7, 'This user does not accept this from you.'),
  privacy: told(
    1004,
    'forbidden',
    403,
    7,
    'Their privacy settings do not allow it; send a friend request first.',
  ),
  muted: told(1004, 'forbidden', 403, 7, 'You are muted in this group; wait until it ends or ask an admin.'),
  group_muted: told(1004, 'forbidden', 403, 7, 'Only admins may write in this group now.'),
  join_by_approval: told(
    1004,
    'forbidden',
    403,
    7,
    'This group is joined by approval: apply and wait for an admin.',
  ),
  join_by_invitation: told(1004, 'forbidden', 403, 7, 'This group is joined by invitation or link only.'),
  banned: told(1004, 'forbidden', 403, 7, 'This account is suspended; contact the operator.'),
  operators_only: told(1004, 'forbidden', 403, 7, 'Only the operator of this server may do this.'),
  // Codes of our own.
  cap_reached: told(1008, 'limit reached', 409, 8, 'There are too many already; remove some first.'),
  conflict: told(1009, 'conflict', 409, 10, 'It changed meanwhile; look at it again and repeat.'),
  refused_by_hook: told(1010, 'refused', 403, 7, 'The operator of this server refused it.'),
  already_friends: told(2009, 'already friends', 409, 6, 'You are friends already; write to them.'),
  request_not_found: told(
    2010,
    'request not found',
    404,
    5,
    'The request was answered or withdrawn; reload the list.',
  ),
  not_friends: told(2011, 'not friends', 409, 9, 'You are not friends; send a request first.'),
  not_with_oneself: told(2012, 'not with oneself', 400, 3, 'Choose somebody else.'),
  already_applied: told(3009, 'already applied', 409, 6, 'Your application waits for an admin.'),
  application_not_found: told(
    3010,
    'application not found',
    404,
    5,
    'It was answered or withdrawn; reload the list.',
  ),
  link_invalid: told(
    3011,
    'invite link invalid',
    404,
    5,
    'The link ran out or was revoked; ask for a new one.',
  ),
  role_too_low: told(
    3012,
    'role too low',
    403,
    7,
    'You may do this only to members whose role is below yours.',
  ),
  target_not_member: told(
    3013,
    'target not a member',
    404,
    5,
    'This user is not in the group; reload its members.',
  ),
  too_late: told(4007, 'too late', 403, 9, 'The time for this is over.'),
  not_author: told(4008, 'not the author', 403, 7, 'Only the author may do this.'),
  message_gone: told(4009, 'message gone', 409, 9, 'The message was recalled or erased.'),
  not_editable: told(4010, 'not editable', 409, 9, 'Only text and the words of a quote can be edited.'),
  scheduled_not_found: told(4011, 'scheduled message not found', 404, 5, 'It was sent or cancelled already.'),
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
  /** Unix ms until which the refusal holds, e.g. of a mute. */
  until?: number
  cause?: unknown
}

/** The only error that crosses a door as itself; anything else becomes `internal` and tells nothing. */
export class ImError extends Error {
  readonly kind: ErrorName
  readonly detail: string | undefined
  readonly retryAfter: number | undefined
  readonly until: number | undefined

  constructor(kind: ErrorName, options: ErrorOptions = {}) {
    super(errors[kind].msg, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ImError'
    this.kind = kind
    this.detail = options.detail
    this.retryAfter = options.retryAfter
    this.until = options.until
  }

  get row(): ErrorRow {
    return errors[this.kind]
  }

  /** What an answer says beside code and text; undefined for the rows of Nexo's own table. */
  get told(): ErrorTold | undefined {
    const { hint } = this.row
    if (hint === undefined && this.retryAfter === undefined) return undefined
    return {
      error: this.kind,
      ...(hint !== undefined && { hint }),
      ...(this.until !== undefined && { until: this.until }),
      ...(this.retryAfter !== undefined && { retry_after: this.retryAfter }),
    }
  }
}

/** The `data` of a refusal: a stable name, what to do, and until when. */
export interface ErrorTold {
  readonly error: ErrorName
  readonly hint?: string
  /** Unix ms. */
  readonly until?: number
  /** Seconds. */
  readonly retry_after?: number
}

const byCode = new Map<number, ErrorName>()
for (const name of Object.keys(errors) as ErrorName[]) {
  // Two names may share a code (1001 with 400 or 413): the first, plainer one speaks for it.
  if (!byCode.has(errors[name].code)) byCode.set(errors[name].code, name)
}

/**
 * The error a client builds from an answer: the name that was told decides, else the code, and the HTTP status picks
 * between namesakes.
 */
export function errorFromWire(code: number, http?: number, detail?: string, data?: unknown): ImError {
  const told = readTold(data)
  if (told && errors[told.error].code === code) {
    return new ImError(told.error, {
      ...(detail !== undefined && { detail }),
      ...(told.until !== undefined && { until: told.until }),
      ...(told.retry_after !== undefined && { retryAfter: told.retry_after }),
    })
  }
  const twin = (Object.keys(errors) as ErrorName[]).find(
    (n) => errors[n].code === code && errors[n].http === http,
  )
  return new ImError(twin ?? byCode.get(code) ?? 'internal', detail === undefined ? {} : { detail })
}

function readTold(data: unknown): ErrorTold | undefined {
  const { error } = (data ?? {}) as { error?: unknown }
  return typeof error === 'string' && Object.hasOwn(errors, error) ? (data as ErrorTold) : undefined
}

/** Whatever was thrown, as an error that may be shown. */
export function asImError(thrown: unknown): ImError {
  return thrown instanceof ImError ? thrown : new ImError('internal', { cause: thrown })
}
