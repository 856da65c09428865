import type { ChatMessage } from '@nexo-im/client'
import type { Group, Member } from '@nexo-im/protocol'
import { describe, expect, it } from 'vitest'
import { type Asker, deedsOf, type Rights, rightsIn, type Situation } from './rights.ts'

const now = 1_000_000_000
const member = (more: Partial<Member>): Member => ({
  id: 1,
  group_id: '1',
  user_id: 'ann',
  group_nickname: '',
  group_avatar: '',
  extra: null,
  role_level: 1,
  status: 1,
  joined_at: 0,
  join_seq: 0,
  inviter_user_id: '',
  created_at: 0,
  updated_at: 0,
  ...more,
})
const group = (more: Partial<Group>): Group => ({
  id: '1',
  name: 'Grove',
  introduction: '',
  avatar: '',
  extra: null,
  status: 1,
  creator_user_id: 'ann',
  group_type: 0,
  member_count: 3,
  created_at: 0,
  updated_at: 0,
  ...more,
})
const inGroup: Situation = {
  inGroup: true,
  member: member({}),
  group: group({}),
  left: false,
  blocked: false,
  now,
}

describe('the right to write', () => {
  it.each<[string, Partial<Situation>, string | undefined]>([
    ['a member', {}, undefined],
    ['somebody whose membership is not known yet', { member: undefined }, undefined],
    ['somebody who left', { member: member({ status: 2 }) }, 'left'],
    ['somebody who was put out', { member: member({ status: 3 }) }, 'left'],
    ['somebody whom the member list does not name', { left: true }, 'left'],
    ['anybody in a dissolved group', { group: group({ status: 2 }), left: true }, 'dissolved'],
    ['somebody muted', { member: member({ muted_until: now + 1 }) }, 'muted'],
    ['somebody whose mute is over', { member: member({ muted_until: now }) }, undefined],
    ['a member while all are muted', { group: group({ muted_until: now + 1 }) }, 'group_muted'],
    [
      'an admin while all are muted',
      { group: group({ muted_until: now + 1 }), member: member({ role_level: 2 }) },
      undefined,
    ],
    ['somebody who blocked the other side', { inGroup: false, member: undefined, blocked: true }, 'blocked'],
  ])('of %s', (_, change, reason) => {
    expect(rightsIn({ ...inGroup, ...change }).hindrance?.reason).toBe(reason)
  })

  it('tells until when a mute lasts', () => {
    const { hindrance } = rightsIn({ ...inGroup, member: member({ muted_until: now + 5 }) })
    expect(hindrance).toEqual({ reason: 'muted', until: now + 5 })
  })

  it('over pins belongs to both sides of a single chat and to the admins of a group', () => {
    const governs = (change: Partial<Situation>): boolean => rightsIn({ ...inGroup, ...change }).governs
    expect(governs({})).toBe(false)
    expect(governs({ member: member({ role_level: 2 }) })).toBe(true)
    expect(governs({ member: member({ role_level: 3, status: 2 }) })).toBe(false)
    expect(governs({ inGroup: false, member: undefined })).toBe(true)
    expect(governs({ inGroup: false, member: undefined, blocked: true })).toBe(false)
  })
})

const said: ChatMessage = {
  clientMsgId: 'c',
  conversationId: 'gr_1',
  seq: 4,
  senderId: 'ann',
  type: 1,
  content: { text: { text: 'hi' } },
  sentAt: now - 1000,
  status: 'sent',
}
const plain: Rights = { hindrance: undefined, governs: false, role: 1 }
const asker: Asker = { ownId: 'ann', rights: plain, inGroup: true, authorRole: 1, now }

/** Names of the deeds that are allowed. */
function allowed(message: Partial<ChatMessage>, change: Partial<Asker> = {}): string[] {
  const deeds = deedsOf({ ...said, ...message }, { ...asker, ...change })
  return Object.entries(deeds).flatMap(([name, value]) =>
    value === false || value === undefined ? [] : [name],
  )
}

describe('what can be done with a message', () => {
  it('of one’s own', () => {
    expect(allowed({})).toEqual(['reply', 'react', 'copy', 'edit', 'forward', 'readers', 'recall'])
  })

  it('of somebody else', () => {
    expect(allowed({ senderId: 'bob' })).toEqual(['reply', 'react', 'copy', 'forward'])
  })

  it('that is gone is nothing but deleting it for oneself', () => {
    expect(allowed({ content: {}, gone: { cause: 'recalled', by: 'ann', at: now } })).toEqual([])
  })

  it('that is old is neither edited nor recalled, but for the owner of the group', () => {
    const old = { sentAt: now - 86_400_000 }
    expect(allowed(old)).not.toContain('edit')
    expect(allowed(old)).not.toContain('recall')
    expect(allowed(old, { rights: { ...plain, governs: true, role: 3 } })).toContain('recall')
  })

  it('that is a picture has no words to copy or edit', () => {
    const picture = { type: 2, content: { image: { url: '/a.png' } } }
    expect(allowed(picture)).not.toContain('copy')
    expect(allowed(picture)).not.toContain('edit')
  })

  it('while one is muted is to read, forward and take back', () => {
    const rights: Rights = { ...plain, hindrance: { reason: 'muted', until: now + 5 } }
    expect(allowed({}, { rights })).toEqual(['copy', 'forward', 'readers', 'recall'])
  })

  it('after leaving is to copy and forward', () => {
    const rights: Rights = { hindrance: { reason: 'left' }, governs: false, role: 0 }
    expect(allowed({}, { rights })).toEqual(['copy', 'forward'])
  })

  it.each([
    [2, 1, true],
    [2, 2, false],
    [2, 3, false],
    [3, 2, true],
    [1, 1, false],
  ])('by role %i over an author of role %i: delete for everyone %s', (role, authorRole, may) => {
    const rights: Rights = { hindrance: undefined, governs: role > 1, role }
    expect(allowed({ senderId: 'bob' }, { rights, authorRole }).includes('deleteForAll')).toBe(may)
  })
})
