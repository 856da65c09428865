import Type from 'typebox'

/** To whom something is open. */
export const openTo = { everyone: 0, friends: 1, nobody: 2 } as const

const OpenTo = Type.Integer({ minimum: 0, maximum: 2, description: '0 everyone, 1 friends, 2 nobody.' })

/** Who may … (M-107). Enforced by the server on every path. */
export const Privacy = Type.Object({
  find_me: OpenTo,
  message_me: OpenTo,
  add_to_groups: OpenTo,
  see_online: OpenTo,
  see_read: OpenTo,
})
export type Privacy = Type.Static<typeof Privacy>
