import { ImError } from '@nexo-im/protocol'

/** How many of each there may be: every collection that a user can grow has a bound (A31). */
export const defaultCaps = {
  groupMembers: 200_000,
  groupsPerUser: 5000,
  groupAdmins: 100,
  friends: 5000,
  blocked: 2000,
  /** Friends, blocked and remarked users together. */
  relations: 10_000,
  pendingRequests: 500,
  applications: 1000,
  inviteLinks: 50,
  sessions: 20,
  reactionKinds: 50,
  reactionsPerUser: 10,
  pins: 50,
  edits: 20,
  scheduled: 100,
  drafts: 1000,
  hidden: 10_000,
  announcements: 1000,
  subscriptions: 1000,
} as const

export type Caps = { readonly [C in keyof typeof defaultCaps]: number }

/** Throws `cap_reached` when one more would be too many. */
export function needRoom(caps: Caps, cap: keyof Caps, present: number, more = 1): void {
  if (present + more > caps[cap]) {
    throw new ImError('cap_reached', { detail: `${cap}: at most ${caps[cap]}` })
  }
}
