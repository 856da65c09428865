import { type Change, type Conversation, type Notice, parseConversationId } from '@nexo-im/protocol'
import type { ChatMessage } from './api.ts'
import type { Call } from './call.ts'
import { chatMessage } from './chat-message.ts'
import type { Contacts } from './contacts.ts'
import type { Directory } from './directory.ts'
import type { Extras } from './extras.ts'
import type { Rows } from './rows.ts'
import type { Sync } from './sync.ts'

export interface ChangesParts {
  readonly me: string
  readonly call: Call
  readonly rows: Rows
  readonly sync: Sync
  readonly extras: Extras
  readonly directory: Directory
  readonly contacts: Contacts
  readonly touched: (conversationId?: string) => void
  readonly told: (change: Change) => void
  /** A conversation moved. */
  readonly listed: (conversation: Conversation) => void
}

/**
 * Takes later states of the account into the model: pushed ones and caught-up ones alike, so that one may come twice.
 * Law: of two states of one thing the one with the higher position stays, whatever order they come in.
 */
export class Changes {
  readonly #parts: ChangesParts
  /** Position of the last state taken in, per thing. */
  readonly #positions = new Map<string, number>()
  /** Rows that are asked for, and whether they moved since. */
  readonly #learning = new Map<string, boolean>()

  constructor(parts: ChangesParts) {
    this.#parts = parts
  }

  apply(changes: readonly Change[]): void {
    const groups = new Set(changes.flatMap(({ group }) => (group ? [group.id] : [])))
    const members = new Set(changes.flatMap(({ member }) => (member ? [member.group_id] : [])))
    for (const change of changes) {
      this.#takeConversation(change)
      this.#takeAccount(change)
      if (change.notice) {
        this.#takeNotice(change.notice)
        this.#follow(change.notice, groups, members)
      }
      this.#parts.told(change)
    }
  }

  /** A server whose log is another one counts anew. */
  forget(): void {
    this.#positions.clear()
  }

  /** Asks for the row of one conversation; what fails here is repaired by the next list. */
  async learn(id: string): Promise<void> {
    if (this.#learning.has(id)) {
      // What moved since the question left needs another one.
      this.#learning.set(id, true)
      return
    }
    for (let tries = 0; tries < 3; tries++) {
      this.#learning.set(id, false)
      const known = await this.#ask(id)
      if (known && this.#learning.get(id) === false) break
    }
    this.#learning.delete(id)
    this.#parts.touched(id)
  }

  /** False when a change came meanwhile, which may be older or newer than the answer: the next one is newer than it. */
  async #ask(id: string): Promise<boolean> {
    const before = this.#positions.get(`c ${id}`)
    try {
      const listed = await this.#parts.call('conversation.info', { conversation_id: id })
      if (this.#positions.get(`c ${id}`) !== before) return false
      this.#putRow(listed)
      this.#parts.sync.begin(id)
    } catch {
      // Unknown to the server, or no connection: both are told by the list.
    }
    return true
  }

  /** Takes the answer to an own edit: as good as a change, unless one comes before it. */
  edits(id: string, seq: number): (message: ChatMessage) => void {
    const before = this.#positions.get(messageKey(id, seq))
    return (message) => {
      if (this.#positions.get(messageKey(id, seq)) === before) this.#amend(message)
    }
  }

  #takeConversation({ position, conversation, message, hidden }: Change): void {
    const { rows, sync, extras, touched, listed } = this.#parts
    if (conversation && this.#isNews(`c ${conversation.conversation_id}`, position)) {
      this.#putRow(conversation)
      sync.conversation(conversation)
      listed(conversation)
    }
    if (message && this.#isShown(message.conversation_id, message.seq)) {
      const { conversation_id: id, seq } = message
      if (this.#isNews(messageKey(id, seq), position)) this.#amend(chatMessage(message))
      if (message.reactions) extras.reacted(id, seq)
      else extras.unreacted(id, seq)
    }
    // Whether a mention whose message is gone still counts is for the server to say.
    if (message?.gone && (rows.get(message.conversation_id)?.mentionSeq ?? Infinity) <= message.seq)
      void this.learn(message.conversation_id)
    if (hidden) {
      rows.hide(hidden.conversation_id, hidden.seqs)
      sync.hide(hidden.conversation_id, hidden.seqs)
    }
    if (conversation || message || hidden) touched()
  }

  #amend(message: ChatMessage): void {
    this.#parts.sync.amend(message)
    this.#parts.rows.amend(message)
  }

  #isShown(id: string, seq: number): boolean {
    const { rows, sync } = this.#parts
    return rows.get(id)?.lastMessage?.seq === seq || sync.timeline(id)?.has(seq) === true
  }

  #takeAccount(change: Change): void {
    const { position, group, member, profile, privacy, relation, friend_request: request } = change
    const { directory, contacts, me } = this.#parts
    if (group && this.#isNews(`g ${group.id}`, position)) directory.putGroup(group)
    if (member?.user_id === me && this.#isNews(`m ${member.group_id}`, position)) contacts.putMember(member)
    if (profile && this.#isNews(`u ${profile.user_id}`, position)) directory.putUser(profile)
    if (privacy && this.#isNews('privacy', position)) contacts.putPrivacy(privacy)
    if (relation && this.#isNews(`r ${relation.user_id}`, position)) {
      if (relation.user) directory.putUser(relation.user)
      contacts.putRelation(relation)
    }
    if (request && this.#isNews(`f ${request.from_id} ${request.to_id}`, position))
      contacts.putRequest(request)
  }

  /** One from before the history was cleared is the user's no more. */
  #takeNotice(notice: Notice): void {
    const { minSeq = 1 } = this.#parts.rows.get(notice.conversation_id) ?? {}
    if (notice.at_seq >= minSeq - 1) this.#parts.extras.notice(notice)
  }

  /** What a notice tells of beyond itself, where the change itself did not come with it. */
  #follow(notice: Notice, groups: ReadonlySet<string>, members: ReadonlySet<string>): void {
    const { conversation_id: id, kind, data, actor_id: actor, user_ids: users } = notice
    const { rows, sync, extras, directory, contacts, me } = this.#parts
    const timeline = sync.timeline(id)
    if (kind === 'member_joined' && users.includes(me) && timeline?.windowed)
      extras.renew(id, timeline.floor, timeline.goal)
    if (rows.get(id) === undefined) void this.learn(id)
    if (kind === 'expiry_changed') {
      if (typeof data['seconds'] === 'number') rows.expire(id, data['seconds'])
      else void this.learn(id)
    }
    const ref = parseConversationId(id)
    if (ref?.type !== 'group' || kind.startsWith('message_') || kind === 'expiry_changed') return
    if (!groups.has(ref.groupId)) void directory.refreshGroup(ref.groupId)
    if (!members.has(ref.groupId) && (actor === me || users.includes(me))) contacts.refreshMember(ref.groupId)
  }

  #putRow(listed: Conversation): void {
    const { rows, extras } = this.#parts
    const before = rows.get(listed.conversation_id)?.minSeq ?? 1
    rows.put(listed)
    if ((listed.min_seq ?? 1) > before) extras.begin(listed.conversation_id, listed.min_seq ?? 1)
  }

  #isNews(key: string, position: number): boolean {
    if ((this.#positions.get(key) ?? 0) > position) return false
    this.#positions.set(key, position)
    return true
  }
}

function messageKey(conversationId: string, seq: number): string {
  return `${conversationId} ${seq}`
}
