import { fitsBytes, ImError } from '@nexo-im/protocol'
import type { Stored } from '../ports.ts'
import type { World } from '../world.ts'
import { accountStatus } from './account-status.ts'

/** A hash of nothing: an unknown user must cost the same time as a wrong password when errors are generic. */
const noUser =
  '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

/** Throws 1001 for a password that is too long or too short to be set, in bytes. */
export function refusePassword(password: string, minBytes: number): void {
  if (!fitsBytes(password, 256))
    throw new ImError('invalid_parameter', { detail: 'password: more than 256 bytes' })
  if (fitsBytes(password, minBytes - 1)) {
    throw new ImError('invalid_parameter', { detail: `password: fewer than ${minBytes} bytes` })
  }
}

/**
 * The account that this password opens. Wrong ones are counted, whatever asks for them: who guesses must wait.
 * Throws `login_failed` meanwhile, `user_not_found`, `password_wrong`; one `login_failed` for both where errors are
 * generic.
 */
export async function provePassword(world: World, userId: string, password: string): Promise<Stored<'user'>> {
  const { limits, rules } = world
  if (limits.failures.isSpent(userId)) {
    throw new ImError('login_failed', { detail: 'too many failed tries, wait a minute', retryAfter: 60 })
  }
  const [found] = await world.store.get('user', [[userId]])
  const user = found?.status === accountStatus.deleted ? undefined : found
  if (!user && !rules.genericLoginErrors) throw new ImError('user_not_found')
  const right = await world.passwords.verify(user?.password_hash ?? noUser, password)
  if (!user || !right) {
    limits.failures.take(userId)
    throw new ImError(rules.genericLoginErrors ? 'login_failed' : 'password_wrong')
  }
  limits.failures.clear(userId)
  return user
}
