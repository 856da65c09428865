import { Agent, request } from 'node:http'

/** An answer that is not a success: the Nexo code and what came with it. */
export class ApiError extends Error {
  readonly status: number
  readonly code: number

  constructor(path: string, status: number, code: number, text: string) {
    super(`${path}: status ${status}, code ${code}: ${text}`)
    this.status = status
    this.code = code
  }
}

export interface HistoryMessage {
  readonly seq: number
  readonly server_msg_id: number
  readonly conversation_id: string
  readonly client_msg_id: string
  readonly sender_id: string
  readonly send_at: number
  readonly content: { readonly text?: { readonly text: string } }
}

export interface HistoryPage {
  readonly messages: readonly HistoryMessage[]
  readonly max_seq: number
}

export type SentMessage = Omit<HistoryMessage, 'content' | 'sender_id'>

export interface Api {
  register(userId: string, password: string): Promise<void>
  /** Returns the token. */
  login(userId: string, password: string): Promise<string>
  /** Returns the group's id. */
  createGroup(token: string, name: string, memberIds: readonly string[]): Promise<string>
  send(token: string, message: object): Promise<SentMessage>
  /** Typed view, ascending from `beginSeq`, at most 100. */
  pull(token: string, conversationId: string, beginSeq: number): Promise<HistoryPage>
  /** Any other route; `path` with its query. */
  ask<T>(token: string, method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<T>
  /** Status of a GET without a token. */
  statusOf(path: string): Promise<number>
  /** Rejects unless the server answers. */
  health(): Promise<void>
  close(): void
}

const web = 5
const timeoutMs = 30_000

/** The HTTP door, over kept connections. Every call rejects with ApiError, or with the socket's own error. */
export function openApi(url: string): Api {
  // More than anybody asks at once: a call that waits here for a connection would look like a server that is slow.
  const agent = new Agent({ keepAlive: true, maxSockets: 1024, maxFreeSockets: 32 })
  const call = <T>(method: string, path: string, token: string, body?: object): Promise<T> =>
    exchange<T>(agent, url, method, path, token, body)
  return {
    register: async (userId, password) => {
      await call('POST', '/auth/register', '', { user_id: userId, nickname: userId, password })
    },
    login: async (userId, password) => {
      const data = { user_id: userId, password, platform_id: web }
      return (await call<{ token: string }>('POST', '/auth/login', '', data)).token
    },
    createGroup: async (token, name, memberIds) =>
      (await call<{ id: string }>('POST', '/group/create', token, { name, member_ids: memberIds })).id,
    send: (token, message) => call<SentMessage>('POST', '/msg/send?content=typed', token, message),
    pull: (token, conversationId, beginSeq) => {
      const query = `conversation_id=${encodeURIComponent(conversationId)}&begin_seq=${beginSeq}`
      return call<HistoryPage>('GET', `/msg/pull?${query}&limit=100&content=typed`, token)
    },
    statusOf: async (path) => (await answerOf(agent, url, 'GET', path, '', undefined)).status,
    ask: (token, method, path, body) => call(method, path, token, body),
    health: async () => {
      await answerOf(agent, url, 'GET', '/health', '', undefined)
    },
    close: () => agent.destroy(),
  }
}

async function exchange<T>(
  agent: Agent,
  url: string,
  method: string,
  path: string,
  token: string,
  body: object | undefined,
): Promise<T> {
  const { status, text } = await answerOf(agent, url, method, path, token, body)
  const envelope = parsed(text)
  if (envelope?.code !== 0)
    throw new ApiError(path, status, envelope?.code ?? -1, envelope?.msg ?? text.slice(0, 200))
  return envelope.data as T
}

interface Envelope {
  readonly code: number
  readonly msg: string
  readonly data: unknown
}

function parsed(text: string): Envelope | undefined {
  try {
    return JSON.parse(text) as Envelope
  } catch {
    return undefined
  }
}

function answerOf(
  agent: Agent,
  url: string,
  method: string,
  path: string,
  token: string,
  body: object | undefined,
): Promise<{ status: number; text: string }> {
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
  const headers = {
    ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    ...(bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }),
  }
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { agent, method, headers, timeout: timeoutMs }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() }),
      )
    })
    sent.on('timeout', () => sent.destroy(new Error(`${path}: no answer in ${timeoutMs} ms`)))
    sent.on('error', reject)
    sent.end(bytes)
  })
}
