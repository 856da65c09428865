import { setTimeout as sleep } from 'node:timers/promises'
import { openApi } from '../http.ts'

interface Online {
  readonly user_id: string
  readonly status: number
  readonly detail_platform_status?: readonly unknown[]
}

export interface Expected {
  /** Connected once each. */
  readonly online: readonly string[]
  readonly offline: readonly string[]
}

const askAgainMs = 100

/** What a node says wrongly about who is connected, in words; empty when it is right. */
async function errorsOf(url: string, token: string, { online, offline }: Expected): Promise<string[]> {
  const api = openApi(url)
  try {
    const list = await api.ask<Online[]>(token, 'POST', '/user/get_users_online_status', {
      user_ids: [...online, ...offline],
    })
    const devices = new Map(
      list.map((one) => [one.user_id, one.detail_platform_status?.length ?? one.status]),
    )
    const wrong = (ids: readonly string[], count: number): string[] =>
      ids
        .filter((id) => (devices.get(id) ?? 0) !== count)
        .map((id) => `${id} has ${devices.get(id) ?? 0} devices instead of ${count}`)
    return [...wrong(online, 1), ...wrong(offline, 0)]
  } catch (error) {
    return [`${url} does not answer: ${String(error)}`]
  } finally {
    api.close()
  }
}

/** Resolves when all these nodes tell the same truth; rejects, naming the errors, when they do not within `ms`. */
export async function presenceIsRight(
  urls: readonly string[],
  token: string,
  expected: Expected,
  ms: number,
): Promise<void> {
  const until = Date.now() + ms
  for (;;) {
    const errors = (await Promise.all(urls.map((url) => errorsOf(url, token, expected)))).flat()
    if (errors.length === 0) return
    if (Date.now() > until)
      throw new Error(`presence is wrong after ${ms} ms: ${errors.slice(0, 5).join('; ')}`)
    await sleep(askAgainMs)
  }
}
