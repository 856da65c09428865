import type { CustomStatus, User } from '@nexo-im/protocol'
import type { Clock } from '../ports.ts'
import type { Row } from '../tables.ts'
import { accountStatus } from './account-status.ts'

/** The public part of an account; of a deleted one only its id is left. */
export function publicUser(row: Row<'user'>, clock: Clock): User {
  const status = customStatus(row, clock)
  return {
    id: row.user_id,
    user_id: row.user_id,
    nickname: row.nickname || row.user_id,
    avatar: row.avatar,
    ...(row.extra !== null && { extra: row.extra }),
    ...(status && { status }),
    created_at: row.created_at,
  }
}

function customStatus(row: Row<'user'>, clock: Clock): CustomStatus | undefined {
  if (row.custom_status === '' || row.status === accountStatus.deleted) return undefined
  const status = JSON.parse(row.custom_status) as CustomStatus
  return status.until !== undefined && status.until <= clock.now() ? undefined : status
}

/** Characters that count when a name is looked for: folding makes up to eighteen of one, and an index has an end. */
const keyLength = 256

/** A name as people are found by it: letter case and width make no difference. */
export function nameKey(name: string): string {
  return [...name.normalize('NFKC').toLowerCase()].slice(0, keyLength).join('')
}
