import { inParallel } from '../parallel.ts'
import type { Stage } from './stage.ts'

export interface Account {
  readonly userId: string
  readonly token: string
}

/** A password hash costs about 30 ms of a core by design, so more at a time would only queue up. */
const atOnce = 8
const password = 'bench-only-password'

/** Registers and signs in `count` new users. */
export async function openAccounts(stage: Stage, count: number): Promise<Account[]> {
  const started = Date.now()
  let done = 0
  const numbers = Array.from({ length: count }, (_, i) => i)
  return inParallel(numbers, atOnce, async (i) => {
    const userId = `bench-${String(i).padStart(5, '0')}`
    await stage.api.register(userId, password)
    const token = await stage.api.login(userId, password)
    done += 1
    if (done % 250 === 0 || done === count) {
      stage.say(`${done} of ${count} accounts in ${((Date.now() - started) / 1000).toFixed(1)} s`)
    }
    return { userId, token }
  })
}

/** The id of a single chat: the smaller user id, bytewise, stands first. */
export function singleChat(a: string, b: string): string {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0 ? `si_${a}:${b}` : `si_${b}:${a}`
}
