import {
  type Conversation,
  type Group,
  groupConversationId,
  ImError,
  type Input,
  type Message,
  type Online,
  type OperationName,
  type Output,
  parseConversationId,
  peerOf,
  singleConversationId,
  type User,
} from '@nexo-im/protocol'

type Handlers = { readonly [N in OperationName]?: (me: string, input: Input<N>) => Output<N> }

/** What a server knows and answers, in memory: one log per conversation, numbered 1, 2, 3 … */
export class Ledger {
  readonly users = new Map<string, User>()
  readonly groups = new Map<string, { group: Group; members: Map<string, number> }>()
  readonly logs = new Map<string, Message[]>()
  readonly reads = new Map<string, number>()
  readonly pins = new Set<string>()
  readonly online = new Set<string>()
  /** Called after a message was stored. */
  stored: (message: Message) => void = () => undefined
  #time = 1_700_000_000_000

  addUser(id: string): User {
    const user = { id, user_id: id, nickname: id.toUpperCase(), avatar: `${id}.png`, created_at: 1 }
    this.users.set(id, user)
    return user
  }

  /** `members` see everything from now on. */
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
    const from = this.log(groupConversationId(id)).length + 1
    this.groups.set(id, { group, members: new Map(members.map((m) => [m, from])) })
    return group
  }

  log(conversation: string): Message[] {
    const log = this.logs.get(conversation) ?? []
    this.logs.set(conversation, log)
    return log
  }

  members(conversation: string): readonly string[] {
    const ref = parseConversationId(conversation)
    if (ref?.type === 'single') return [...new Set(ref.users)]
    return [...(this.groups.get(ref?.groupId ?? '')?.members.keys() ?? [])]
  }

  /** Somebody says something. */
  say(sender: string, to: { recv_id: string } | { group_id: string }, text: string): Message {
    const client_msg_id = `${sender}-${this.#time}`
    return this.perform(sender, 'message.send', {
      client_msg_id,
      ...to,
      msg_type: 1,
      content: { text: { text } },
    })
  }

  perform<N extends OperationName>(me: string, name: N, input: Input<N>): Output<N> {
    const handler = this.#handlers[name] as ((me: string, input: Input<N>) => Output<N>) | undefined
    if (handler === undefined) throw new ImError('not_found')
    return handler(me, input)
  }

  #view(conversation: string, me: string): Message[] {
    const ref = parseConversationId(conversation)
    const min =
      ref?.type === 'single' && ref.users.includes(me)
        ? 1
        : ref?.type === 'group' && this.groups.get(ref.groupId)?.members.get(me)
    if (!min) throw new ImError('no_permission')
    return this.log(conversation).slice(min - 1)
  }

  #row(conversation: string, me: string, withLast: boolean): Conversation {
    const view = this.#view(conversation, me)
    const ref = parseConversationId(conversation)
    const max = this.log(conversation).length
    const key = `${me} ${conversation}`
    const read = Math.max(this.reads.get(key) ?? 0, max - view.length)
    const last = view.at(-1)
    return {
      conversation_id: conversation,
      conversation_type: ref?.type === 'group' ? 2 : 1,
      peer_user_id: ref?.type === 'single' ? peerOf(ref.users, me) : '',
      group_id: ref?.type === 'group' ? ref.groupId : '',
      recv_msg_opt: 0,
      is_pinned: this.pins.has(key),
      unread_count: max - read,
      max_seq: max,
      read_seq: read,
      updated_at: last?.send_at ?? 1,
      ...(withLast && last ? { last_message: last } : {}),
    }
  }

  #rows(me: string, withLast: boolean): Conversation[] {
    const groups = [...this.groups]
      .filter(([, g]) => g.members.has(me))
      .map(([id]) => groupConversationId(id))
    const singles = [...this.logs].filter(([id, log]) => {
      const ref = parseConversationId(id)
      return ref?.type === 'single' && ref.users.includes(me) && log.length > 0
    })
    const rows = [...groups, ...singles.map(([id]) => id)].map((id) => this.#row(id, me, withLast))
    return rows.sort((a, b) => b.updated_at - a.updated_at)
  }

  #send(me: string, input: Input<'message.send'>): Message {
    const { recv_id, group_id, client_msg_id } = input
    if (recv_id !== undefined && !this.users.has(recv_id)) throw new ImError('user_not_found')
    if (group_id !== undefined && !this.groups.get(group_id)?.members.has(me)) throw new ImError('not_member')
    const id = recv_id === undefined ? groupConversationId(group_id ?? '') : singleConversationId(me, recv_id)
    for (const log of this.logs.values()) {
      const twin = log.find((m) => m.sender_id === me && m.client_msg_id === client_msg_id)
      if (twin) return twin
    }
    const log = this.log(id)
    const number = ++this.#time
    const message: Message = {
      id: number,
      server_msg_id: number,
      conversation_id: id,
      seq: log.length + 1,
      client_msg_id,
      sender_id: me,
      recv_id: recv_id ?? '',
      group_id: group_id ?? '',
      session_type: recv_id === undefined ? 2 : 1,
      msg_type: input.msg_type,
      content: input.content as Message['content'],
      send_at: number,
    }
    log.push(message)
    this.reads.set(`${me} ${id}`, message.seq)
    this.stored(message)
    return message
  }

  #presence(id: string): Online {
    return { user_id: id, status: this.online.has(id) ? 1 : 0 }
  }

  #group(id: string): Group {
    const found = this.groups.get(id)
    if (found === undefined) throw new ImError('group_not_found')
    return found.group
  }

  readonly #handlers: Handlers = {
    'auth.register': (_, input) => this.addUser(input.user_id ?? 'new'),
    'auth.login': (_, { user_id }) => {
      const user_info = this.users.get(user_id)
      if (user_info === undefined) throw new ImError('user_not_found')
      return { token: `t-${user_id}`, user_info }
    },
    'auth.logout': () => null,
    'user.info': (me) => this.users.get(me) ?? this.addUser(me),
    'user.profile': (_, { user_id }) => this.users.get(user_id) ?? this.addUser(user_id),
    'user.update': (me, change) => {
      const user = { ...this.addUser(me), ...change }
      this.users.set(me, user)
      return user
    },
    'user.batch_info': (_, { user_ids }) => user_ids.flatMap((id) => this.users.get(id) ?? []),
    'presence.get': (_, { user_ids }) => user_ids.map((id) => this.#presence(id)),
    'presence.subscribe': (_, { user_ids }) => user_ids.map((id) => this.#presence(id)),
    'group.info': (_, { group_id }) => this.#group(group_id),
    'message.send': (me, input) => this.#send(me, input),
    'message.pull': (me, { conversation_id, begin_seq = 0, end_seq = 0, limit = 0 }) => {
      const view = this.#view(conversation_id, me)
      const max = this.log(conversation_id).length
      const end = end_seq <= 0 ? max : end_seq
      const most = limit <= 0 || limit > 100 ? 100 : limit
      return { messages: view.filter((m) => m.seq >= begin_seq && m.seq <= end).slice(0, most), max_seq: max }
    },
    'message.max_seq': (me, { conversation_id: id }) => ({
      max_seq: this.#view(id, me).length && this.log(id).length,
    }),
    'message.newest_seqs': (_, { conversation_ids }) => ({
      seqs: Object.fromEntries(conversation_ids.map((id) => [id, this.log(id).length])),
    }),
    'conversation.all': (me, { with_last_message = false }) => this.#rows(me, with_last_message),
    'conversation.list': (me, input) => {
      const rows = this.#rows(me, false)
      const at = rows.findIndex((row) => row.conversation_id === input.cursor_conversation_id) + 1
      const list = rows.slice(at, at + (input.limit ?? 20))
      const last = list.at(-1)
      const more = at + list.length < rows.length && last !== undefined
      const next = more && { updated_at: last.updated_at, conversation_id: last.conversation_id }
      return { list, has_more: more, ...(next ? { next_cursor: next } : {}) }
    },
    'conversation.info': (me, { conversation_id: id }) => {
      const row = this.#rows(me, false).find((r) => r.conversation_id === id)
      if (row === undefined) throw new ImError('conversation_not_found')
      return row
    },
    'conversation.update': (me, { conversation_id: id, is_pinned }) => {
      if (is_pinned) this.pins.add(`${me} ${id}`)
      else if (is_pinned === false) this.pins.delete(`${me} ${id}`)
      return null
    },
    'conversation.mark_read': (me, { conversation_id: id, read_seq }) => {
      const key = `${me} ${id}`
      this.reads.set(key, Math.max(this.reads.get(key) ?? 0, Math.min(read_seq, this.log(id).length)))
      return null
    },
  }
}
