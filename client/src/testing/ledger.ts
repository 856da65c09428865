import {
  groupConversationId,
  ImError,
  type Input,
  type Message,
  type Online,
  type OperationName,
  type Output,
  singleConversationId,
} from '@nexo-im/protocol'
import { Book, openPrivacy } from './ledger-book.ts'
import { changesSince, sees } from './ledger-changes.ts'

type Handlers = { readonly [N in OperationName]?: (me: string, input: Input<N>) => Output<N> }

/** What those who left may not do. */
const forWriters: ReadonlySet<OperationName> = new Set([
  'message.edit',
  'message.recall',
  'message.react',
  'message.pin',
  'message.unpin',
  'conversation.set_expiry',
])

/** What a server knows and answers, in memory: one log per conversation, numbered 1, 2, 3 … */
export class Ledger extends Book {
  /** Somebody says something. */
  say(
    sender: string,
    to: { recv_id: string } | { group_id: string },
    text: string,
    mentions?: string[],
  ): Message {
    return this.perform(sender, 'message.send', {
      client_msg_id: `${sender}-${this.position}`,
      ...to,
      msg_type: 1,
      content: { text: { text } },
      ...(mentions && { mentions }),
    })
  }

  perform<N extends OperationName>(me: string, name: N, input: Input<N>): Output<N> {
    const handler = this.#handlers[name] as ((me: string, input: Input<N>) => Output<N>) | undefined
    if (handler === undefined) throw new ImError('not_found')
    const { conversation_id: id } = input as { conversation_id?: string }
    if (id !== undefined && forWriters.has(name) && !this.audience(id).includes(me))
      throw new ImError('member_inactive')
    return handler(me, input)
  }

  #send(me: string, input: Input<'message.send'>): Message {
    const { recv_id, group_id, client_msg_id, mentions } = input
    if (recv_id !== undefined && !this.users.has(recv_id)) throw new ImError('user_not_found')
    if (group_id !== undefined && this.members.get(`${group_id} ${me}`)?.value.status !== 1)
      throw new ImError('not_member')
    const id = recv_id === undefined ? groupConversationId(group_id ?? '') : singleConversationId(me, recv_id)
    for (const log of this.logs.values()) {
      const twin = log.find((m) => m.sender_id === me && m.client_msg_id === client_msg_id)
      if (twin) return twin
    }
    const message = {
      conversation_id: id,
      client_msg_id,
      sender_id: me,
      recv_id: recv_id ?? '',
      group_id: group_id ?? '',
      session_type: recv_id === undefined ? 2 : 1,
      msg_type: input.msg_type,
      content: input.content as Message['content'],
      ...(mentions?.length && { mentions }),
    }
    return this.append(message, true)
  }

  #presence(id: string): Online {
    return { user_id: id, status: this.online.has(id) ? 1 : 0 }
  }

  #react(me: string, { conversation_id: id, seq, emoji, remove }: Input<'message.react'>): null {
    const key = `${me} ${id} ${seq}`
    const own = this.reactions.get(key) ?? []
    if (this.log(id)[seq - 1]?.gone) throw new ImError('message_gone')
    if (own.includes(emoji) !== (remove ?? false)) return null
    this.reactions.set(key, remove ? own.filter((e) => e !== emoji) : [...own, emoji])
    this.amend(id, seq, (message) => {
      const { reactions = {}, ...rest } = message
      const counts = Object.entries({ ...reactions, [emoji]: (reactions[emoji] ?? 0) + (remove ? -1 : 1) })
      const left = counts.filter(([, count]) => count > 0)
      return left.length > 0 ? { ...rest, reactions: Object.fromEntries(left) } : rest
    })
    return null
  }

  #erase(me: string, id: string, seq: number, cause: 'recalled' | 'deleted'): void {
    if (this.log(id)[seq - 1]?.gone) throw new ImError('message_gone')
    for (const key of this.reactions.keys()) if (key.endsWith(` ${id} ${seq}`)) this.reactions.delete(key)
    this.amend(
      id,
      seq,
      ({ reactions: _, pinned: _p, mentions: _m, edits: _e, edited_at: _a, ...message }) => ({
        ...message,
        content: {},
        gone: { cause, by: me, at: this.position },
      }),
    )
  }

  #delete(me: string, { conversation_id: id, seqs, for_everyone }: Input<'message.delete'>): null {
    if (for_everyone) for (const seq of seqs) this.#erase(me, id, seq, 'deleted')
    else {
      const position = ++this.position
      const hidden = this.hidden.get(`${me} ${id}`) ?? new Map<number, number>()
      this.hidden.set(`${me} ${id}`, hidden)
      for (const seq of seqs) hidden.set(seq, position)
      // The view moves with it, as the server counts there what is hidden.
      this.views.set(`${me} ${id}`, { ...this.view(me, id), position })
      this.told(me, [{ position, hidden: { conversation_id: id, seqs } }], true)
    }
    return null
  }

  #pull(me: string, { conversation_id: id, begin_seq = 0, end_seq = 0, limit = 0 }: Input<'message.pull'>) {
    const max = this.head(me, id)
    const begin = Math.max(begin_seq, this.view(me, id).minSeq)
    const end = end_seq <= 0 ? max : Math.min(end_seq, max)
    const most = limit <= 0 || limit > 100 ? 100 : limit
    const messages = this.log(id).filter((m) => m.seq >= begin && m.seq <= end)
    return { messages: messages.slice(0, most).map((m) => this.shown(me, m)), max_seq: max }
  }

  #extras(me: string, { conversation_id: id, begin_seq = 0, end_seq = 0 }: Input<'conversation.extras'>) {
    const view = this.view(me, id)
    const max = this.head(me, id)
    const begin = Math.max(begin_seq, view.minSeq)
    const end = Math.min(end_seq <= 0 ? max : Math.min(end_seq, max), begin + 99)
    const first = begin === view.minSeq ? begin - 1 : begin
    const isIn = (seq: number): boolean => seq >= begin && seq <= end
    const mine = [...this.reactions].flatMap(([key, emojis]) => {
      const [user, conversation, seq] = key.split(' ')
      const isMine = user === me && conversation === id && isIn(Number(seq))
      return isMine ? emojis.map((emoji) => ({ seq: Number(seq), emoji })) : []
    })
    return {
      notices: (this.notices.get(id) ?? []).filter(
        (n) => n.at_seq >= first && n.at_seq <= end && sees(view, n.position),
      ),
      my_reactions: mine,
      hidden_seqs: [...(this.hidden.get(`${me} ${id}`)?.keys() ?? [])].filter(isIn),
    }
  }

  readonly #handlers: Handlers = {
    ...this.#ofPeople(),
    ...this.#ofMessages(),
    ...this.#ofConversations(),
    'sync.changes': (me, { position, limit }) => changesSince(this, me, position, limit),
  }

  #ofPeople(): Handlers {
    const befriend = (a: string, b: string, is_friend: boolean): null => {
      for (const [x, y] of [
        [a, b],
        [b, a],
      ] as const)
        this.setRelation(x, y, { is_friend, friends_since: is_friend ? this.position : 0 })
      return null
    }
    const answer = (from: string, to: string, state: number): null => {
      if (this.requests.get(`${from} ${to}`)?.value.state !== 1) throw new ImError('request_not_found')
      this.setRequest(from, to, state)
      return null
    }
    const related = (me: string, which: 'is_friend' | 'is_blocked') =>
      [...this.relations]
        .filter(([key, r]) => key.startsWith(`${me} `) && r.value[which])
        .map(([, r]) => r.value)
    return {
      'auth.register': (_, input) => this.addUser(input.user_id ?? 'new'),
      'auth.login': (_, { user_id }) => {
        const user_info = this.users.get(user_id)?.value
        if (user_info === undefined) throw new ImError('user_not_found')
        return { token: `t-${user_id}`, user_info }
      },
      'auth.logout': () => null,
      'user.info': (me) => this.users.get(me)?.value ?? this.addUser(me),
      'user.profile': (_, { user_id }) => this.users.get(user_id)?.value ?? this.addUser(user_id),
      'user.update': (me, change) => this.setUser(me, change),
      'user.batch_info': (_, { user_ids }) => user_ids.flatMap((id) => this.users.get(id)?.value ?? []),
      'presence.get': (_, { user_ids }) => user_ids.map((id) => this.#presence(id)),
      'presence.subscribe': (_, { user_ids }) => user_ids.map((id) => this.#presence(id)),
      'privacy.get': (me) => this.privacy.get(me)?.value ?? openPrivacy,
      'privacy.update': (me, change) => {
        const value = { ...(this.privacy.get(me)?.value ?? openPrivacy), ...change }
        const position = ++this.position
        this.privacy.set(me, { position, value })
        this.told(me, [{ position, privacy: value }], true)
        return value
      },
      'friend.request': (me, { user_id }) => this.setRequest(me, user_id, 1),
      'friend.accept': (me, { user_id }) => answer(user_id, me, 2) ?? befriend(me, user_id, true),
      'friend.reject': (me, { user_id }) => answer(user_id, me, 3),
      'friend.withdraw': (me, { user_id }) => answer(me, user_id, 4),
      'friend.delete': (me, { user_id }) => befriend(me, user_id, false),
      'friend.remark': (me, { user_id, remark = '' }) => this.setRelation(me, user_id, { remark }),
      'friend.list': (me) => ({ list: related(me, 'is_friend') }),
      'friend.requests': (me, { direction = 'in' }) => ({
        list: [...this.requests.values()]
          .map((r) => r.value)
          .filter((r) => (direction === 'in' ? r.to_id : r.from_id) === me && r.state === 1),
      }),
      'block.add': (me, { user_id }) => this.setRelation(me, user_id, { is_blocked: true }) && null,
      'block.remove': (me, { user_id }) => this.setRelation(me, user_id, { is_blocked: false }) && null,
      'block.list': (me) => ({ list: related(me, 'is_blocked') }),
      'group.info': (_, { group_id }) => this.group(group_id),
      'group.member': (_, { group_id, user_id }) => {
        const member = this.members.get(`${group_id} ${user_id}`)?.value
        if (member === undefined) throw new ImError('target_not_member')
        return member
      },
      'group.join': (me, { group_id }) => this.join(group_id, me) ?? null,
      'group.quit': (me, { group_id }) => this.leave(group_id, me) ?? null,
    }
  }

  #ofMessages(): Handlers {
    return {
      'message.send': (me, input) => this.#send(me, input),
      'message.pull': (me, input) => this.#pull(me, input),
      'message.max_seq': (me, { conversation_id: id }) => ({ max_seq: this.head(me, id) }),
      'message.newest_seqs': (_, { conversation_ids }) => ({
        seqs: Object.fromEntries(conversation_ids.map((id) => [id, this.log(id).length])),
      }),
      'message.edit': (_, { conversation_id: id, seq, content }) =>
        this.amend(id, seq, (message) => {
          if (message.gone) throw new ImError('message_gone')
          const edits = (message.edits ?? 0) + 1
          return { ...message, content: content as Message['content'], edits, edited_at: this.position }
        }),
      'message.recall': (me, { conversation_id: id, seq }) => {
        this.#erase(me, id, seq, 'recalled')
        return null
      },
      'message.delete': (me, input) => this.#delete(me, input),
      'message.react': (me, input) => this.#react(me, input),
      'message.pin': (me, { conversation_id: id, seq }) => {
        this.amend(id, seq, (message) => ({ ...message, pinned: { by: me, at: this.position } }))
        this.notice(id, 'message_pinned', me, [], { seq })
        return null
      },
      'message.unpin': (_, { conversation_id: id, seq }) => {
        this.amend(id, seq, ({ pinned: _p, ...message }) => message)
        return null
      },
      'message.forward': (me, { conversation_id: id, seqs, client_msg_id, recv_id, group_id }) =>
        seqs.map((seq, i) => {
          const { msg_type, content } = this.log(id)[seq - 1] as Message
          const target = {
            ...(recv_id !== undefined && { recv_id }),
            ...(group_id !== undefined && { group_id }),
          }
          return this.#send(me, { client_msg_id: `${client_msg_id}-${i}`, msg_type, content, ...target })
        }),
      'message.typing': () => null,
      'message.ack': (me, { conversation_id: id, seq }) => {
        const view = this.view(me, id)
        const deliveredSeq = Math.max(view.deliveredSeq, Math.min(seq, this.head(me, id)))
        this.views.set(`${me} ${id}`, { ...view, deliveredSeq, position: ++this.position })
        return null
      },
    }
  }

  #ofConversations(): Handlers {
    return {
      'conversation.all': (me, { with_last_message = false }) =>
        this.conversations(me)
          .map((id) => this.row(id, me, with_last_message))
          .filter((row) => !row.is_hidden)
          .sort((a, b) => b.updated_at - a.updated_at),
      'conversation.info': (me, { conversation_id: id }) => {
        if (!this.views.has(`${me} ${id}`)) throw new ImError('conversation_not_found')
        return this.row(id, me)
      },
      'conversation.update': (me, { conversation_id: id, ...change }) => {
        const { is_pinned: pinned, recv_msg_opt: option, is_marked_unread: marked, is_hidden: hides } = change
        this.setView(me, id, {
          ...(pinned !== undefined && { pinned }),
          ...(option !== undefined && { option }),
          ...(marked !== undefined && { marked }),
          ...(hides !== undefined && { hiddenAt: hides ? this.log(id).length : -1 }),
          touchedAt: this.position + 1,
        })
        return null
      },
      'conversation.mark_read': (me, { conversation_id: id, read_seq }) => {
        const { readSeq: old, deliveredSeq, marked } = this.view(me, id)
        const readSeq = Math.max(old, Math.min(read_seq, this.head(me, id)))
        if (readSeq === old && !marked) return null
        this.setView(me, id, { readSeq, deliveredSeq: Math.max(deliveredSeq, readSeq), marked: false })
        return null
      },
      'conversation.draft': (me, { conversation_id: id, text = '' }) => {
        if (!this.views.has(`${me} ${id}`)) throw new ImError('conversation_not_found')
        this.setView(me, id, { draft: text })
        return null
      },
      'conversation.clear': (me, { conversation_id: id }) => {
        const head = this.head(me, id)
        this.setView(me, id, {
          minSeq: head + 1,
          readSeq: head,
          deliveredSeq: head,
          draft: '',
          marked: false,
          hiddenAt: this.log(id).length,
        })
        return null
      },
      'conversation.set_expiry': (me, { conversation_id: id, seconds }) => {
        if (!this.views.has(`${me} ${id}`)) throw new ImError('no_permission')
        this.expiries.set(id, seconds)
        this.notice(id, 'expiry_changed', me, [], { seconds })
        return null
      },
      'conversation.extras': (me, input) => this.#extras(me, input),
    }
  }
}
