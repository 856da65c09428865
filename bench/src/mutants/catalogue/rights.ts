import type { Mutant } from '../mutant.ts'

const standings = 'server/src/core/messages/standings.ts'
const windows = 'server/src/core/conversations/windows.ts'
const signIns = 'server/src/core/people/sign-ins.ts'
const membership = 'server/src/core/groups/membership.ts'
const erasure = 'server/src/core/messages/erasure.ts'
const policyTest = 'server/src/core/policy.test.ts'
const visibilityTest = 'server/src/core/messages/visibility.test.ts'
const recallTest = 'server/src/core/messages/recall.test.ts'
const relationsTest = 'server/src/core/people/relations.test.ts'
const sessionsTest = 'server/src/core/people/sessions.test.ts'
const signInsTest = 'server/src/core/people/sign-ins.test.ts'
const edgesTest = 'server/src/core/messages/window-edges.test.ts'
const erasureTest = 'server/src/core/messages/erasure.test.ts'

/** Bugs in who may do, see and be what. */
export const rightsMutants: readonly Mutant[] = [
  {
    id: 'M8',
    what: 'anybody may pull a group',
    edits: [{ file: windows, find: "if (ref.type === 'group' && !view) return undefined", replace: '' }],
    suites: [policyTest],
  },
  {
    id: 'M9',
    what: 'a quote shows what its author may not see',
    edits: [
      {
        file: 'server/src/core/messages/messages.ts',
        find: "await proveMessage(world, caller.userId, conversation, Number(body['seq']))",
        replace:
          "await (async () => {\n    const [entry] = await world.store.read(conversation, Number(body['seq']), Number(body['seq']), 1)\n    if (!entry) throw new ImError('message_not_found')\n    const [touch] = await world.store.get('touch', [[conversation, entry.seq]])\n    return { entry, touch, by: proveMessage, caller }\n  })()",
      },
    ],
    suites: [visibilityTest, recallTest, 'server/src/core/messages/messages.test.ts'],
  },
  {
    id: 'M10',
    what: 'an await is missing: nobody waits for the look at the sign-in',
    edits: [
      {
        file: signIns,
        find: '  await world.patience.wait(liveSession(world, claims))\n',
        replace: '  liveSession(world, claims).catch(() => undefined)\n',
      },
    ],
    suites: [sessionsTest, signInsTest],
  },
  {
    id: 'role-unchecked',
    what: 'every member may do what admins do',
    edits: [
      {
        file: membership,
        find: "if (member.role_level < role) throw new ImError(role === roles.owner ? 'not_owner' : 'not_admin')",
        replace: '',
      },
    ],
    suites: [policyTest],
  },
  {
    id: 'admin-over-admin',
    what: 'an admin may do to another admin what is done to members',
    edits: [
      {
        file: membership,
        find: 'row.role_level >= caller.role_level &&',
        replace: 'row.role_level > caller.role_level &&',
      },
    ],
    suites: ['server/src/core/groups/group-roles.test.ts', policyTest],
  },
  {
    id: 'dissolved-still-ruled',
    what: 'a dissolved group can still be changed',
    edits: [
      {
        file: membership,
        find: "if (group.status === groupStatus.dismissed) throw new ImError('group_dismissed')\n  if (member.role_level",
        replace: 'if (member.role_level',
      },
    ],
    suites: ['server/src/core/groups/group-roles.test.ts'],
  },
  {
    id: 'block-by-one-path',
    what: 'a block stops friend requests, but no message',
    edits: [{ file: standings, find: "if (theirs?.is_blocked) throw new ImError('blocked')", replace: '' }],
    suites: [relationsTest],
  },
  {
    id: 'blocked-may-ask',
    what: 'a block stops messages, but no friend request',
    edits: [
      {
        file: 'server/src/core/people/contact.ts',
        find: "if (theirs?.is_blocked) throw new ImError('blocked')",
        replace: '',
      },
      {
        file: 'server/src/core/people/friend-requests.ts',
        find: "if (theirs.relation?.is_blocked) throw new ImError('blocked')",
        replace: '',
      },
    ],
    suites: ['server/src/core/people/friend-requests.test.ts'],
  },
  {
    id: 'blocked-sees',
    what: 'somebody blocked sees what is open to everybody',
    edits: [
      {
        file: 'server/src/core/people/privacy.ts',
        find: 'if (relation?.is_blocked) return false',
        replace: '',
      },
    ],
    suites: ['server/src/core/people/privacy.test.ts', 'server/src/core/people/watching.test.ts'],
  },
  {
    id: 'mute-unheeded',
    what: 'whoever is muted goes on writing',
    edits: [{ file: standings, find: 'refuseMuted(standing, clock.now())', replace: '' }],
    suites: [policyTest],
  },
  {
    id: 'window-low-seen',
    what: 'the message before the window can be reacted to, quoted and forwarded',
    edits: [
      {
        file: 'server/src/core/messages/sighting.ts',
        find: 'seq >= window.minSeq &&',
        replace: 'seq >= window.minSeq - 1 &&',
      },
    ],
    suites: [edgesTest],
  },
  {
    id: 'window-low-pulled',
    what: 'the message before the window can be pulled',
    edits: [
      {
        file: 'server/src/core/messages/history.ts',
        find: 'from: Math.max(begin, minSeq)',
        replace: 'from: Math.max(begin, minSeq - 1)',
      },
    ],
    suites: [edgesTest],
  },
  {
    id: 'window-low-listed',
    what: 'the message before the window can be pulled by its number',
    edits: [
      {
        file: 'server/src/core/messages/history.ts',
        find: 'filter((s) => s >= minSeq &&',
        replace: 'filter((s) => s >= minSeq - 1 &&',
      },
    ],
    suites: [edgesTest],
  },
  {
    id: 'window-never-closes',
    what: 'whoever left reads on',
    edits: [{ file: windows, find: 'Math.min(top, view.max_seq)', replace: 'top' }],
    suites: ['server/src/core/groups/groups.test.ts'],
  },
  {
    id: 'unread-by-one',
    what: 'the first unread message of a new member is not counted',
    edits: [
      {
        file: windows,
        find: 'Math.max(window.readSeq, window.minSeq - 1)',
        replace: 'Math.max(window.readSeq, window.minSeq)',
      },
    ],
    suites: [visibilityTest, 'server/src/core/conversations/conversations.test.ts'],
  },
  {
    id: 'edit-after-leaving',
    what: 'whoever left sees the first edit after it',
    edits: [
      {
        file: 'server/src/core/messages/hindsight.ts',
        find: 'touched > left &&',
        replace: 'touched > left + 1 &&',
      },
    ],
    suites: ['server/src/core/messages/hindsight.test.ts'],
  },
  {
    id: 'told-of-the-unseen',
    what: 'new members are told what becomes of messages from before their time',
    edits: [
      {
        file: 'server/src/core/pushes.ts',
        find: 'if (about !== undefined && !sees(audience, session, about)) continue',
        replace: '',
      },
    ],
    suites: [edgesTest],
  },
  {
    id: 'recall-any-time',
    what: 'own messages can be recalled for ever',
    edits: [
      {
        file: 'server/src/core/messages/recall.ts',
        find: 'if (world.clock.now() <= entry.send_at + world.rules.recallWindow) return',
        replace: 'if (world.clock.now() >= entry.send_at) return',
      },
    ],
    suites: [recallTest],
  },
  {
    id: 'recall-leaves-salt',
    what: 'a recall leaves the salt, so that a short text can be guessed',
    edits: [{ file: erasure, find: "body: '', meta, salt: ''", replace: "body: '', meta" }],
    suites: [recallTest],
  },
  {
    id: 'recall-leaves-versions',
    what: 'a recall leaves the earlier versions',
    edits: [
      {
        file: erasure,
        find: "...edits.map((e): Removal => ({ kind: 'edit', key: [conversation_id, seq, e.edition] })),",
        replace: '',
      },
    ],
    suites: [recallTest, erasureTest],
  },
  {
    id: 'recall-leaves-quotes',
    what: 'what was recalled lives on in quotes',
    edits: [{ file: erasure, find: "preview: '', gone: true", replace: 'gone: true' }],
    suites: [recallTest, erasureTest],
  },
  {
    id: 'token-for-ever',
    what: 'a token that ran out is accepted',
    edits: [
      {
        file: 'server/src/auth.ts',
        find: 'clockTolerance: skew,',
        replace: "clockTolerance: '100 years',",
      },
      {
        file: 'server/src/auth.ts',
        find: "if (claims.expiresAt * 1000 <= clock.now()) throw new ImError('token_expired')",
        replace: '',
      },
    ],
    suites: ['server/src/attacks/tokens.test.ts'],
  },
  {
    id: 'token-a-little-longer',
    what: 'a token lives on for as long as clocks may differ',
    edits: [
      {
        file: 'server/src/auth.ts',
        find: "if (claims.expiresAt * 1000 <= clock.now()) throw new ImError('token_expired')",
        replace: '',
      },
    ],
    suites: ['server/src/attacks/tokens.test.ts'],
  },
  {
    id: 'any-algorithm',
    what: 'the token itself says how it is signed',
    edits: [{ file: 'server/src/auth.ts', find: "algorithms: ['HS256'],", replace: '' }],
    suites: ['server/src/attacks/tokens.test.ts'],
  },
  {
    id: 'any-issuer',
    what: 'a token that somebody else issued with the same secret is accepted',
    edits: [
      {
        file: 'server/src/auth.ts',
        find: 'issuer,\n      requiredClaims',
        replace: 'requiredClaims',
      },
    ],
    suites: ['server/src/attacks/tokens.test.ts'],
  },
  {
    id: 'guess-for-ever',
    what: 'wrong passwords are not counted',
    edits: [
      { file: 'server/src/core/people/credentials.ts', find: 'limits.failures.take(userId)', replace: '' },
    ],
    suites: ['server/src/attacks/authentication.test.ts'],
  },
  {
    id: 'unknown-user-quick',
    what: 'an unknown user is answered without the work of a wrong password',
    edits: [
      {
        file: 'server/src/core/people/credentials.ts',
        find: 'await world.passwords.verify(user?.password_hash ?? noUser, password)',
        replace: 'user !== undefined && (await world.passwords.verify(user.password_hash, password))',
      },
    ],
    suites: ['server/src/attacks/authentication.test.ts'],
  },
  {
    id: 'revoked-token',
    what: 'the token of a sign-in that ended is accepted',
    edits: [
      {
        file: signIns,
        find: 'if (session.state === sessionState.normal) return session',
        replace: 'if (session.state >= sessionState.normal) return session',
      },
    ],
    suites: [signInsTest],
  },
  {
    id: 'revoked-socket',
    what: 'the sockets of a sign-in that ended stay open',
    edits: [{ file: signIns, find: 'else socket.kick(reason)', replace: '' }],
    suites: [sessionsTest],
  },
  {
    id: 'recheck-blind',
    what: 'a sign-in that ended unheard keeps its sockets',
    edits: [
      {
        file: signIns,
        find: "if (rows[at]?.state !== sessionState.normal) socket.kick('revoked')",
        replace: '',
      },
    ],
    suites: [sessionsTest],
  },
  {
    id: 'refresh-twice',
    what: 'a refresh token that was used before opens the account again',
    edits: [
      { file: signIns, find: 'if (!isNewest && !mayBeLost) {', replace: 'if (session.generation < 0) {' },
    ],
    suites: [sessionsTest],
  },
  {
    id: 'refresh-as-token',
    what: 'a refresh token opens everything',
    edits: [
      {
        file: signIns,
        find: 'if (claims.generation !== undefined) {',
        replace: 'if (claims.generation === -1) {',
      },
    ],
    suites: [sessionsTest],
  },
]
