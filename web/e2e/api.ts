import type { TestServer } from './server.ts'

export const password = 'correct horse battery'

/** A person reached through the HTTP door, without a browser. */
export interface Caller {
  readonly id: string
  readonly call: <T = unknown>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown) => Promise<T>
  readonly say: (to: { recv_id: string } | { group_id: string }, text: string) => Promise<{ seq: number }>
}

export async function register(server: TestServer, id: string, nickname: string): Promise<void> {
  await request(server, 'POST', '/auth/register', { user_id: id, nickname, password })
}

/** Signs in at another platform than the browser's, so that neither ends the other's session. */
export async function signIn(server: TestServer, id: string, platform = 7): Promise<Caller> {
  const credentials = { user_id: id, password, platform_id: platform }
  const { token } = await request<{ token: string }>(server, 'POST', '/auth/login', credentials)
  let sent = 0
  const call: Caller['call'] = (method, path, body) => request(server, method, path, body, token)
  return {
    id,
    call,
    say: (to, text) => {
      const message = {
        client_msg_id: `api-${id}-${++sent}-${Math.random()}`,
        msg_type: 1,
        content: { text },
      }
      return call('POST', '/msg/send', { ...message, ...to })
    },
  }
}

async function request<T>(
  server: TestServer,
  method: string,
  path: string,
  body?: unknown,
  token?: string,
): Promise<T> {
  const response = await fetch(server.url + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer = (await response.json()) as { code: number; msg: string; data: T }
  if (answer.code !== 0) throw new Error(`${method} ${path}: ${answer.code} ${answer.msg}`)
  return answer.data
}
