import type { Clock, Stored } from '../ports.ts'

/** What an account is; its id is never given to anybody else. */
export const accountStatus = { normal: 1, banned: 2, deleted: 3 } as const

export function isBanned({ status, banned_until: until }: Stored<'user'>, clock: Clock): boolean {
  return status === accountStatus.banned && (until === null || until > clock.now())
}
