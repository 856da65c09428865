import {
  type Change,
  type Conversation,
  type FriendRequest,
  type Group,
  groupConversationId,
  ImError,
  type Member,
  type Message,
  mentionAll,
  type Notice,
  type NoticeKind,
  type Privacy,
  parseConversationId,
  peerOf,
  type Relation,
  type User,
} from '@nexo-im/protocol'

/** What one user sees of one conversation, and how they set it. */
export interface View {
  readonly minSeq: number
  /** Set when they left: nothing behind it is theirs. */
  readonly maxSeq?: number
  readonly readSeq: number
  readonly deliveredSeq: number
  readonly pinned: boolean
  readonly option: number
  readonly marked: boolean
  /** Newest seq when it was hidden; -1 when it is not. */
  readonly hiddenAt: number
  readonly draft: string
  readonly touchedAt: number
  readonly position: number
  /** Notices and changes from outside these positions are not theirs. */
  readonly from: number
  readonly to?: number
}

/** A thing and the position of its last change. */
export interface Placed<T> {
  readonly position: number
  readonly value: T
}

export const openPrivacy: Privacy = {
  find_me: 0,
  message_me: 0,
  add_to_groups: 0,
  see_online: 0,
  see_read: 0,
}

const freshView: View = {
  minSeq: 1,
  readSeq: 0,
  deliveredSeq: 0,
  pinned: false,
  option: 0,
  marked: false,
  hiddenAt: -1,
  draft: '',
  touchedAt: 1,
  position: 0,
  from: 0,
}

/** What a server keeps, in memory, every record with the position of its last change; one log per conversation. */
export class Book {
  readonly users = new Map<string, Placed<User>>()
  readonly groups = new Map<string, Placed<Group>>()
  /** By group and user id. */
  readonly members = new Map<string, Placed<Member>>()
  readonly logs = new Map<string, Message[]>()
  /** By user and conversation id. */
  readonly views = new Map<string, View>()
  /** Position of the last change of a message, by conversation, then seq. */
  readonly touches = new Map<string, Map<number, number>>()
  readonly notices = new Map<string, Notice[]>()
  readonly expiries = new Map<string, number>()
  /** By user, conversation and seq. */
  readonly reactions = new Map<string, readonly string[]>()
  /** Position of own deletions, by user and conversation, then seq. */
  readonly hidden = new Map<string, Map<number, number>>()
  readonly privacy = new Map<string, Placed<Privacy>>()
  /** By owner and other id. */
  readonly relations = new Map<string, Placed<Relation>>()
  readonly requests = new Map<string, Placed<FriendRequest>>()
  readonly online = new Set<string>()
  /** Called after a message was stored. */
  stored: (message: Message) => void = () => undefined
  /** Called for every user who is told of changes; with `own` set not on the socket that made them. */
  told: (userId: string, changes: readonly Change[], own: boolean) => void = () => undefined
  /** Numbers messages and changes alike, and is the time. */
  position = 1_700_000_000_000

  addUser(id: string): User {
    const user = { id, user_id: id, nickname: id.toUpperCase(), avatar: `${id}.png`, created_at: 1 }
    this.users.set(id, { position: 0, value: user })
    return user
  }

  setUser(id: string, change: Partial<User>): User {
    const value = { ...(this.users.get(id)?.value ?? this.addUser(id)), ...change }
    const position = ++this.position
    this.users.set(id, { position, value })
    this.told(id, [{ position, profile: value }], true)
    return value
  }

  /** `members` see everything from now on; the first is the owner. Nobody is told. */
  addGroup(id: string, members: readonly string[]): Group {
    const group = {
      id,
      name: `Group ${id}`,
      introduction: '',
      avatar: '',
      extra: null,
      status: 1,
      creator_user_id: members[0] ?? 'nobody',
      group_type: 0,
      member_count: members.length,
      created_at: 1,
      updated_at: 1,
    }
    this.groups.set(id, { position: 0, value: group })
    for (const [i, userId] of members.entries()) this.#enter(id, userId, i === 0 ? 3 : 1)
    return group
  }

  setGroup(id: string, change: Partial<Group>, kind: NoticeKind, actor: string, users: string[] = []): Group {
    const value = { ...this.group(id), ...change }
    this.groups.set(id, { position: ++this.position, value })
    this.notice(groupConversationId(id), kind, actor, users, {}, [{ group: value }])
    return value
  }

  group(id: string): Group {
    const found = this.groups.get(id)
    if (found === undefined) throw new ImError('group_not_found')
    return found.value
  }

  join(id: string, userId: string): void {
    const member = this.#enter(id, userId, 1)
    this.setGroup(id, { member_count: this.group(id).member_count + 1 }, 'member_joined', userId, [userId])
    const conversation = this.row(groupConversationId(id), userId)
    this.told(userId, [{ position: this.position, conversation, member }], false)
  }

  #enter(id: string, userId: string, role: number): Member {
    const conversation = groupConversationId(id)
    const head = this.log(conversation).length
    const position = ++this.position
    const member = {
      id: position,
      group_id: id,
      user_id: userId,
      group_nickname: '',
      group_avatar: '',
      extra: null,
      role_level: role,
      status: 1,
      joined_at: position,
      join_seq: head + 1,
      inviter_user_id: '',
      created_at: position,
      updated_at: position,
    }
    this.members.set(`${id} ${userId}`, { position, value: member })
    const old = this.views.get(`${userId} ${conversation}`) ?? freshView
    const { pinned, option } = old
    this.views.set(`${userId} ${conversation}`, {
      ...freshView,
      pinned,
      option,
      minSeq: head + 1,
      readSeq: head,
      deliveredSeq: head,
      touchedAt: position,
      position,
      from: position,
    })
    return member
  }

  leave(id: string, userId: string): void {
    const conversation = groupConversationId(id)
    const view = this.view(userId, conversation)
    const member = this.members.get(`${id} ${userId}`)
    this.setGroup(id, { member_count: this.group(id).member_count - 1 }, 'member_left', userId, [userId])
    const position = this.position
    const maxSeq = Math.max(this.log(conversation).length, view.minSeq - 1)
    this.views.set(`${userId} ${conversation}`, { ...view, maxSeq, position, to: position })
    if (member)
      this.members.set(`${id} ${userId}`, { position, value: { ...member.value, status: 2, role_level: 1 } })
    this.told(userId, [{ position, conversation: this.row(conversation, userId) }], false)
  }

  notice(
    conversation: string,
    kind: NoticeKind,
    actor: string,
    users: string[] = [],
    data: Notice['data'] = {},
    beside: readonly Omit<Change, 'position'>[] = [],
  ): void {
    const position = beside.length > 0 ? this.position : ++this.position
    const all = this.notices.get(conversation) ?? []
    this.notices.set(conversation, all)
    const at_seq = this.log(conversation).length
    const notice = {
      conversation_id: conversation,
      position,
      at_seq,
      kind,
      actor_id: actor,
      user_ids: users,
      data,
      created_at: position,
    }
    all.push(notice)
    const changes = [{ position, notice }, ...beside.map((b) => ({ position, ...b }))]
    for (const userId of this.audience(conversation)) this.told(userId, changes, false)
  }

  log(conversation: string): Message[] {
    const log = this.logs.get(conversation) ?? []
    this.logs.set(conversation, log)
    return log
  }

  /** Who hears of what happens now. */
  audience(conversation: string): readonly string[] {
    const ref = parseConversationId(conversation)
    if (ref?.type === 'single') return [...new Set(ref.users)]
    return [...this.members.values()]
      .filter((m) => m.value.group_id === ref?.groupId && m.value.status === 1)
      .map((m) => m.value.user_id)
  }

  /** Throws `no_permission` where there is nothing the user may see. */
  view(me: string, conversation: string): View {
    const view = this.views.get(`${me} ${conversation}`)
    if (view) return view
    const ref = parseConversationId(conversation)
    if (ref?.type === 'single' && ref.users.includes(me)) return freshView
    throw new ImError('no_permission')
  }

  /** Writes an own view anew and tells the own other devices. */
  setView(me: string, conversation: string, change: Partial<View>): void {
    const position = ++this.position
    this.views.set(`${me} ${conversation}`, { ...this.view(me, conversation), ...change, position })
    this.told(me, [{ position, conversation: this.row(conversation, me) }], true)
  }

  append(message: Omit<Message, 'id' | 'server_msg_id' | 'seq' | 'send_at'>, reads: boolean): Message {
    const { conversation_id: id, sender_id: sender } = message
    const number = ++this.position
    const log = this.log(id)
    const stored = { ...message, id: number, server_msg_id: number, seq: log.length + 1, send_at: number }
    log.push(stored)
    for (const user of this.audience(id)) {
      if (stored.seq === 1 && !this.views.has(`${user} ${id}`))
        this.views.set(`${user} ${id}`, { ...freshView, touchedAt: number, position: number })
    }
    if (reads) {
      const view = this.view(sender, id)
      this.views.set(`${sender} ${id}`, { ...view, readSeq: stored.seq })
    }
    this.stored(stored)
    return stored
  }

  /** Changes a stored message for everybody. */
  amend(conversation: string, seq: number, change: (message: Message) => Message): Message {
    const log = this.log(conversation)
    const old = log[seq - 1]
    if (old === undefined) throw new ImError('message_not_found')
    const message = change(old)
    const position = ++this.position
    log[seq - 1] = message
    const touches = this.touches.get(conversation) ?? new Map<number, number>()
    this.touches.set(conversation, touches.set(seq, position))
    for (const user of this.audience(conversation)) {
      if (this.view(user, conversation).minSeq <= seq) this.told(user, [{ position, message }], false)
    }
    return message
  }

  /** Newest seq the user may see. */
  head(me: string, conversation: string): number {
    const { maxSeq } = this.view(me, conversation)
    return Math.min(this.log(conversation).length, maxSeq ?? Number.POSITIVE_INFINITY)
  }

  /** A message as one user sees it. */
  shown(me: string, message: Message): Message {
    if (!this.hidden.get(`${me} ${message.conversation_id}`)?.has(message.seq)) return message
    const { edited_at: _, edits: _e, reactions: _r, pinned: _p, mentions: _m, gone: _g, ...rest } = message
    return { ...rest, content: {}, hidden: true }
  }

  row(conversation: string, me: string, withLast = false): Conversation {
    const view = this.view(me, conversation)
    const ref = parseConversationId(conversation)
    const log = this.log(conversation)
    const max = this.head(me, conversation)
    const read = Math.max(view.readSeq, view.minSeq - 1)
    const last = max >= view.minSeq ? log[max - 1] : undefined
    const mentions = log
      .slice(read, max)
      .filter((m) => m.gone === undefined && m.mentions?.some((id) => id === me || id === mentionAll))
    const [first] = mentions
    const expiry = this.expiries.get(conversation) ?? 0
    const peer = ref?.type === 'single' ? peerOf(ref.users, me) : ''
    const theirs = this.views.get(`${peer} ${conversation}`)
    return {
      conversation_id: conversation,
      conversation_type: ref?.type === 'group' ? 2 : 1,
      peer_user_id: peer,
      group_id: ref?.type === 'group' ? ref.groupId : '',
      recv_msg_opt: view.option,
      is_pinned: view.pinned,
      unread_count: Math.max(0, max - read),
      max_seq: max,
      read_seq: read,
      min_seq: view.minSeq,
      updated_at: Math.max(view.touchedAt, last?.send_at ?? 0),
      ...(first && { mention_count: mentions.length, mention_seq: first.seq }),
      ...(view.draft !== '' && { draft: view.draft, draft_at: 1 }),
      ...(view.marked && { is_marked_unread: true }),
      ...(view.hiddenAt >= max && { is_hidden: true }),
      ...(expiry > 0 && { expire_after: expiry }),
      ...(theirs && { peer_read_seq: theirs.readSeq, peer_delivered_seq: theirs.deliveredSeq }),
      ...(withLast && last && { last_message: this.shown(me, last) }),
    }
  }

  /** Every conversation somebody has a view of. */
  conversations(me: string): string[] {
    return [...this.views.keys()]
      .filter((key) => key.startsWith(`${me} `))
      .map((key) => key.slice(me.length + 1))
  }

  setRelation(owner: string, other: string, change: Partial<Relation>): Relation {
    const key = `${owner} ${other}`
    const old = this.relations.get(key)?.value ?? {
      user_id: other,
      is_friend: false,
      is_blocked: false,
      remark: '',
      friends_since: 0,
    }
    const user = this.users.get(other)?.value
    const value = { ...old, ...change, ...(user && { user }) }
    const position = ++this.position
    this.relations.set(key, { position, value })
    this.told(owner, [{ position, relation: value }], false)
    return value
  }

  setRequest(from: string, to: string, state: number): FriendRequest {
    const position = ++this.position
    const key = `${from} ${to}`
    const created_at = state === 1 ? position : (this.requests.get(key)?.value.created_at ?? position)
    const value = { from_id: from, to_id: to, message: '', state, created_at, updated_at: position }
    this.requests.set(key, { position, value })
    for (const user of [from, to]) this.told(user, [{ position, friend_request: value }], false)
    return value
  }
}
