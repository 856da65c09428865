import type { ErrorName, OperationName } from '@nexo-im/protocol'

/** Who asks. `blocked` is blocked by everybody; `ex` was a member; `muted` is a member under a mute. */
export const actors = [
  'anonymous',
  'expired',
  'revoked',
  'banned',
  'stranger',
  'blocked',
  'ex',
  'muted',
  'member',
  'admin',
  'owner',
] as const
export type Actor = (typeof actors)[number]

/** Of what: theirs, somebody else's, one that does not exist, no id at all. */
export const objects = ['own', 'foreign', 'missing', 'malformed'] as const
export type Object_ = (typeof objects)[number]

export type Outcome = 'ok' | ErrorName

/** Ids of one column of the matrix. */
export interface Ids {
  readonly group: string
  readonly conversation: string
  readonly user: string
  readonly link: string
  readonly session: string
}

type SignedIn = Exclude<Actor, 'anonymous' | 'expired' | 'revoked' | 'banned'>

/** What happens to each actor on the own object, and to whoever is signed in on the others. */
export interface Row {
  readonly input: (ids: Ids) => object
  readonly own: Outcome | Readonly<Record<SignedIn, Outcome>>
  readonly foreign?: Outcome
  readonly missing?: Outcome
  readonly malformed?: Outcome
}

const bad = 'invalid_parameter'

/** Actions on a group by role: outsiders, former members, plain members, admins, owner. */
const byRole = (
  member: Outcome,
  admin: Outcome,
  owner: Outcome,
  more: Partial<Record<SignedIn, Outcome>> = {},
) => ({
  stranger: 'not_member' as Outcome,
  blocked: 'not_member' as Outcome,
  ex: 'member_inactive' as Outcome,
  muted: member,
  member,
  admin,
  owner,
  ...more,
})
const outside = { foreign: 'not_member', missing: 'group_not_found', malformed: bad } as const

const forMembers = (input: Row['input'], more: Partial<Row> = {}): Row => ({
  input,
  own: byRole('ok', 'ok', 'ok'),
  ...outside,
  ...more,
})
const forAdmins = (input: Row['input'], more: Partial<Row> = {}): Row => ({
  input,
  own: byRole('not_admin', 'ok', 'ok'),
  ...outside,
  ...more,
})
const forOwner = (input: Row['input'], more: Partial<Row> = {}): Row => ({
  input,
  own: byRole('not_owner', 'not_owner', 'ok'),
  ...outside,
  ...more,
})

/** Reading a conversation: whoever is or was in it. */
const forReaders = (input: Row['input'], more: Partial<Row> = {}): Row => ({
  input,
  own: byRole('ok', 'ok', 'ok', { stranger: 'no_permission', blocked: 'no_permission', ex: 'ok' }),
  foreign: 'no_permission',
  missing: 'no_permission',
  malformed: bad,
  ...more,
})

/** As reading, for those who are in it still. */
const forPresent = (input: Row['input'], more: Partial<Row> = {}): Row =>
  forReaders(input, {
    own: byRole('ok', 'ok', 'ok', { stranger: 'no_permission', blocked: 'no_permission' }),
    ...more,
  })

/** A conversation in one's own list; what is not there does not exist. */
const forListed = (input: Row['input']): Row => ({
  input,
  own: byRole('ok', 'ok', 'ok', {
    stranger: 'conversation_not_found',
    blocked: 'conversation_not_found',
    ex: 'ok',
  }),
  foreign: 'conversation_not_found',
  missing: 'conversation_not_found',
  malformed: bad,
})

/** Writing into a conversation, beyond reading it. */
const forSpeakers = (input: Row['input'], member: Outcome = 'ok', more: Partial<Row> = {}): Row => ({
  input,
  own: byRole(member, 'ok', 'ok', {
    stranger: 'no_permission',
    blocked: 'no_permission',
    ex: 'member_inactive',
    muted: 'muted',
  }),
  foreign: 'no_permission',
  missing: 'no_permission',
  malformed: bad,
  ...more,
})

/** Sends into the group. */
const forSenders = (input: Row['input']): Row => ({
  input,
  own: byRole('ok', 'ok', 'ok', { muted: 'muted' }),
  foreign: 'not_member',
  missing: 'not_member',
  malformed: bad,
})

/** Only what is one's own; there is no object to be wrong about. */
const forSelf = (input: Row['input'] = () => ({})): Row => ({ input, own: 'ok' })

const everyone = (outcome: Outcome, blocked: Outcome = outcome): Readonly<Record<SignedIn, Outcome>> => ({
  stranger: outcome,
  blocked,
  ex: outcome,
  muted: outcome,
  member: outcome,
  admin: outcome,
  owner: outcome,
})

/** Another user by id. `foreign` is the same user to everybody, so only `missing` and `malformed` differ. */
const onUser = (outcome: Outcome, blocked: Outcome, missing: Outcome, input?: Row['input']): Row => ({
  input: input ?? ((ids) => ({ user_id: ids.user })),
  own: everyone(outcome, blocked),
  missing,
  malformed: bad,
})

const operators: Row = {
  input: (ids) => ({ user_id: ids.user, password: 'long enough' }),
  own: 'operators_only',
}

const text = { msg_type: 1, content: { text: 'hi' } }
const message = (ids: Ids) => ({ conversation_id: ids.conversation, seq: 1 })
const conversation = (ids: Ids) => ({ conversation_id: ids.conversation })
const group = (ids: Ids) => ({ group_id: ids.group })
const inGroup = (ids: Ids) => ({ group_id: ids.group, user_id: 'target' })

/** The expected outcome of every operation; written by hand, so that code and table check each other (R32). */
export const matrix: Readonly<Record<OperationName, Row>> = {
  'auth.register': { input: () => ({ user_id: 'fresh', password: 'long enough' }), own: 'ok' },
  'auth.login': {
    input: (ids) => ({ user_id: ids.user, password: 'wrong one' }),
    own: 'password_wrong',
    missing: 'user_not_found',
    malformed: bad,
  },
  'auth.refresh': { input: () => ({ refresh_token: 'garbage' }), own: 'token_invalid' },
  'auth.logout': forSelf(),
  'auth.change_password': {
    input: () => ({ old_password: 'not mine', new_password: 'long enough' }),
    own: 'password_wrong',
  },
  'session.list': forSelf(),
  'session.revoke': {
    input: (ids) => ({ session_id: ids.session }),
    own: 'ok',
    foreign: 'not_found',
    missing: 'not_found',
    malformed: bad,
  },
  'session.revoke_others': forSelf(),
  'account.export': forSelf(),
  'account.delete': { input: () => ({ password: 'not mine' }), own: 'password_wrong' },
  'user.info': forSelf(),
  'user.profile': onUser('ok', 'ok', 'user_not_found'),
  'user.update': forSelf(() => ({ nickname: 'N' })),
  'user.batch_info': { input: (ids) => ({ user_ids: [ids.user] }), own: 'ok', missing: 'ok', malformed: bad },
  'user.search': { input: (ids) => ({ query: ids.user }), own: 'ok', missing: 'ok' },
  'user.set_status': forSelf(() => ({ text: 'away' })),
  'privacy.get': forSelf(),
  'privacy.update': forSelf(() => ({ find_me: 1 })),
  'presence.get': { input: (ids) => ({ user_ids: [ids.user] }), own: 'ok', missing: 'ok', malformed: bad },
  'presence.subscribe': {
    input: (ids) => ({ user_ids: [ids.user] }),
    own: 'invalid_protocol',
    malformed: bad,
  },
  'operator.create_user': operators,
  'operator.ban': operators,
  'operator.unban': operators,
  'operator.revoke_sessions': operators,
  'operator.delete_user': operators,
  'friend.request': onUser('ok', 'blocked', 'user_not_found'),
  'friend.accept': onUser('request_not_found', 'request_not_found', 'request_not_found'),
  'friend.reject': onUser('request_not_found', 'request_not_found', 'request_not_found'),
  'friend.withdraw': onUser('request_not_found', 'request_not_found', 'request_not_found'),
  'friend.requests': forSelf(),
  'friend.list': forSelf(),
  'friend.delete': onUser('not_friends', 'not_friends', 'not_friends'),
  'friend.remark': onUser('ok', 'ok', 'user_not_found', (ids) => ({ user_id: ids.user, remark: 'R' })),
  'block.add': onUser('ok', 'ok', 'user_not_found'),
  'block.remove': onUser('ok', 'ok', 'ok'),
  'block.list': forSelf(),
  'group.create': {
    input: (ids) => ({ name: 'G', member_ids: [ids.user] }),
    own: everyone('ok', 'blocked'),
    missing: 'user_not_found',
    malformed: bad,
  },
  'group.join': {
    input: group,
    own: byRole('already_member', 'already_member', 'already_member', {
      stranger: 'ok',
      blocked: 'ok',
      ex: 'ok',
    }),
    foreign: 'join_by_invitation',
    missing: 'group_not_found',
    malformed: bad,
  },
  'group.quit': {
    input: group,
    own: byRole('ok', 'ok', 'owner_stays', { ex: 'not_member' }),
    foreign: 'not_member',
    missing: 'not_member',
    malformed: bad,
  },
  'group.info': {
    input: group,
    own: everyone('ok'),
    foreign: 'no_permission',
    missing: 'group_not_found',
    malformed: bad,
  },
  'group.members': {
    input: group,
    own: everyone('ok'),
    foreign: 'no_permission',
    missing: 'group_not_found',
    malformed: bad,
  },
  'group.member': {
    input: inGroup,
    own: everyone('ok'),
    foreign: 'no_permission',
    missing: 'group_not_found',
    malformed: bad,
  },
  'group.search_members': {
    input: (ids) => ({ ...group(ids), query: 't' }),
    own: everyone('ok'),
    foreign: 'no_permission',
    missing: 'group_not_found',
    malformed: bad,
  },
  'group.update': forAdmins((ids) => ({ ...group(ids), name: 'New' })),
  'group.announce': forAdmins((ids) => ({ ...group(ids), text: 'News' })),
  'group.announcements': forMembers(group),
  'group.invite': forMembers((ids) => ({ ...group(ids), user_ids: ['outsider'] })),
  'group.apply': {
    input: group,
    own: byRole('already_member', 'already_member', 'already_member', {
      stranger: 'conflict',
      blocked: 'conflict',
      ex: 'conflict',
    }),
    foreign: 'join_by_invitation',
    missing: 'group_not_found',
    malformed: bad,
  },
  'group.withdraw': {
    input: group,
    own: 'application_not_found',
    foreign: 'application_not_found',
    missing: 'application_not_found',
    malformed: bad,
  },
  'group.applications': forAdmins(group),
  'group.accept': forAdmins((ids) => ({ group_id: ids.group, user_id: 'outsider' }), {
    own: byRole('not_admin', 'application_not_found', 'application_not_found'),
  }),
  'group.reject': forAdmins((ids) => ({ group_id: ids.group, user_id: 'outsider' }), {
    own: byRole('not_admin', 'application_not_found', 'application_not_found'),
  }),
  'group.create_link': forMembers(group),
  'group.links': forMembers(group),
  'group.revoke_link': forMembers((ids) => ({ ...group(ids), token: 'none' }), {
    own: byRole('link_invalid', 'link_invalid', 'link_invalid'),
  }),
  'group.link_info': {
    input: (ids) => ({ token: ids.link }),
    own: everyone('ok'),
    missing: 'link_invalid',
    malformed: bad,
  },
  'group.join_by_link': {
    input: (ids) => ({ token: ids.link }),
    own: byRole('already_member', 'already_member', 'already_member', {
      stranger: 'ok',
      blocked: 'ok',
      ex: 'ok',
    }),
    missing: 'link_invalid',
    malformed: bad,
  },
  'group.kick': forAdmins((ids) => ({ ...group(ids), user_ids: ['target'] })),
  'group.set_role': forOwner((ids) => ({ ...inGroup(ids), role_level: 2 })),
  'group.transfer': forOwner(inGroup),
  'group.dissolve': forOwner(group),
  'group.mute': forAdmins((ids) => ({ ...inGroup(ids), seconds: 60 })),
  'group.mute_all': forAdmins((ids) => ({ ...group(ids), seconds: 60 })),
  'group.set_nickname': forMembers((ids) => ({ ...group(ids), nickname: 'Nick' })),
  'message.send': forSenders((ids) => ({ ...group(ids), client_msg_id: 'c', ...text })),
  'message.send_without_mark_read': forSenders((ids) => ({ ...group(ids), client_msg_id: 'c', ...text })),
  'message.schedule': forSenders((ids) => ({
    ...group(ids),
    client_msg_id: 'c',
    at: 1_700_000_600_000,
    ...text,
  })),
  'message.pull': forReaders(conversation),
  'message.pull_list': forReaders((ids) => ({ ...conversation(ids), seq_list: [1] })),
  'message.max_seq': forReaders(conversation),
  'message.newest_seqs': {
    input: (ids) => ({ conversation_ids: [ids.conversation] }),
    own: 'ok',
    foreign: 'ok',
    missing: 'ok',
    malformed: bad,
  },
  'message.edit': forSpeakers((ids) => ({ ...message(ids), content: { text: 'new' } }), 'not_author', {
    own: byRole('not_author', 'not_author', 'not_author', {
      stranger: 'no_permission',
      blocked: 'no_permission',
      muted: 'muted',
    }),
  }),
  'message.edits': forPresent(message),
  'message.recall': {
    input: message,
    own: byRole('not_author', 'ok', 'ok', { stranger: 'no_permission', blocked: 'no_permission' }),
    foreign: 'no_permission',
    missing: 'no_permission',
    malformed: bad,
  },
  'message.delete': forReaders((ids) => ({ ...conversation(ids), seqs: [1] })),
  'message.react': forSpeakers((ids) => ({ ...message(ids), emoji: '👍' })),
  'message.reactions': forPresent(message),
  'message.forward': forReaders((ids) => ({
    ...conversation(ids),
    seqs: [1],
    recv_id: 'friend',
    client_msg_id: 'f',
  })),
  'message.pin': forSpeakers(message, 'not_admin'),
  'message.unpin': forSpeakers(message, 'not_admin'),
  'message.pins': forPresent(conversation),
  'message.scheduled': forSelf(),
  'message.cancel_scheduled': { input: () => ({ id: 'none' }), own: 'scheduled_not_found' },
  'message.typing': forSpeakers((ids) => ({ ...conversation(ids), typing: true })),
  'message.ack': forReaders(message),
  'message.read_counts': forPresent((ids) => ({ ...conversation(ids), seqs: [1] })),
  'message.readers': forPresent(message),
  'message.mentions': forReaders(conversation),
  'message.proofs': forReaders(conversation),
  'conversation.list': forSelf(),
  'conversation.all': forSelf(),
  'conversation.info': forListed(conversation),
  'conversation.update': forListed((ids) => ({ ...conversation(ids), is_pinned: true })),
  'conversation.mark_read': forReaders((ids) => ({ ...conversation(ids), read_seq: 1 })),
  'conversation.read_state': forReaders(conversation),
  'conversation.unread_count': forReaders(conversation),
  'conversation.draft': forListed((ids) => ({ ...conversation(ids), text: 'd' })),
  'conversation.clear': forListed(conversation),
  'conversation.set_expiry': forSpeakers((ids) => ({ ...conversation(ids), seconds: 60 }), 'not_admin'),
  'conversation.extras': forReaders(conversation),
  'sync.changes': forSelf(),
}
