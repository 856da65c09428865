import { inspect } from 'node:util'
import type { Log } from '../index.ts'
import { type Harness, type HarnessOptions, startHarness } from '../testing/harness.ts'
import { call, type Person, signUp } from '../testing/wire.ts'

/** A service under attack. Whatever is done to it, it must not tell a secret, fail on its own side or change JavaScript. */
export interface Target extends Harness {
  /** Signs somebody up; their token and password may stand in no log from now on. */
  person(id: string, platform?: number): Promise<Person>
  /** A further text that no log may hold. */
  hide(secret: string): void
  /** Every line of every level so far. */
  readonly logged: readonly string[]
  /** Stops the service. Throws with whatever an attack has left behind (A25, A37, R34). */
  close(): Promise<void>
}

/** Part of every message that attackers and victims write: found in a log, it was a message's body. */
export const bodyMark = 'words-for-no-log'

export async function startTarget(options: HarnessOptions = {}): Promise<Target> {
  const logged: string[] = []
  const secrets = new Set([bodyMark])
  const harness = await startHarness({
    ...options,
    log: logInto(logged),
    config: {
      'limits.sends_per_minute': 1e9,
      'limits.failed_logins_per_minute': 1e9,
      'log.level': 'debug',
      ...options.config,
    },
  })
  return {
    ...harness,
    logged,
    hide: (secret) => void secrets.add(secret),
    person: async (id, platform) => {
      const person = await signUp(harness.url, id, platform)
      secrets.add(person.token)
      secrets.add(`secret of ${id}`)
      return person
    },
    close: async () => {
      const { status } = await call(harness.url, 'POST', '/auth/login', { user_id: 'nobody', password: 'x' })
      await harness.stop()
      const found = [...leaks(logged, secrets), ...failures(logged), ...pollution()]
      if (status >= 500) found.push(`a login ends with ${status}`)
      if (found.length > 0) throw new Error(`an attack left behind:\n${found.join('\n')}`)
    },
  }
}

function logInto(lines: string[]): Log {
  const keep =
    (level: string) =>
    (fields: object, message: string): void =>
      void lines.push(
        `${level} ${message} ${inspect(fields, { depth: 8, breakLength: Number.POSITIVE_INFINITY })}`,
      )
  return { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') }
}

function leaks(lines: readonly string[], secrets: ReadonlySet<string>): string[] {
  return [...secrets].flatMap((secret) =>
    lines
      .filter((line) => line.includes(secret))
      .slice(0, 1)
      .map((line) => `logged, although secret: ${line.slice(0, 200)}`),
  )
}

const failures = (lines: readonly string[]): string[] =>
  lines.filter((line) => line.startsWith('error ')).map((line) => `failed: ${line.slice(0, 500)}`)

/** Names that are found on every object since somebody put them there. */
export function pollution(): string[] {
  const names: string[] = []
  for (const name in {}) names.push(name)
  const own = [Object, Array, Function, String, Number].flatMap((type) => Object.keys(type.prototype))
  return [...names, ...own].map((name) => `every object has a ${name} now`)
}
