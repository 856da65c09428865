import {
  type FrameOutput,
  groupConversationId,
  type Input,
  memberStatus,
  type OperationName,
} from '@nexo-im/protocol'
import type { Changes } from './changes.ts'
import { chatMessage } from './chat-message.ts'
import type { Contacts } from './contacts.ts'
import type { Directory } from './directory.ts'
import type { Extras } from './extras.ts'
import type { Rows } from './rows.ts'
import type { Stream } from './stream.ts'
import type { Sync } from './sync.ts'
import type { Watch } from './watch.ts'

export interface EchoParts {
  readonly me: string
  readonly directory: Directory
  readonly rows: Rows
  readonly sync: Sync
  readonly watch: Watch
  readonly changes: Changes
  readonly stream: Stream
  readonly contacts: Contacts
  readonly extras: Extras
}

/** Made when a call leaves, run when its answer comes. */
type Heard<N extends OperationName> = (output: FrameOutput<N>) => void
type Echoes = { readonly [N in OperationName]?: (input: Input<N>) => Heard<N> }

export type Echo = <N extends OperationName>(name: N, input: Input<N>) => Heard<N>

/**
 * What the own calls change: of some of it the server tells the user's other devices only, so the model learns it from
 * the answers or asks for it. What everybody in a conversation is told comes to this device too.
 */
export function createEcho(parts: EchoParts): Echo {
  const echoes: Echoes = { ...ofPeople(parts), ...ofGroups(parts), ...ofConversations(parts) }
  return (name, input) => echoes[name]?.(input) ?? (() => undefined)
}

function ofPeople({ directory, watch, stream, contacts }: EchoParts): Echoes {
  const moved = () => (): void => {
    if (!stream.pull()) contacts.reload()
  }
  return {
    'user.info': () => (user) => directory.putUser(user),
    'user.update': () => (user) => directory.putUser(user),
    'user.set_status': () => (user) => directory.putUser(user),
    'user.profile': () => (user) => directory.putUser(user),
    'user.search': () => (users) => directory.putUsers(users),
    'user.batch_info': () => (users) => directory.putUsers(users),
    'presence.get': () => (users) => {
      for (const user of users) watch.put(user)
    },
    'privacy.get': () => (privacy) => contacts.putPrivacy(privacy),
    'privacy.update': () => (privacy) => contacts.putPrivacy(privacy),
    'friend.request': moved,
    'friend.accept': moved,
    'friend.reject': moved,
    'friend.withdraw': moved,
    'friend.delete': moved,
    'friend.remark': () => (relation) => contacts.putRelation(relation),
    'block.add': moved,
    'block.remove': moved,
  }
}

function ofGroups({ me, directory, changes, contacts }: EchoParts): Echoes {
  const moved =
    ({ group_id }: { group_id: string }) =>
    (): void => {
      void changes.learn(groupConversationId(group_id))
      void directory.refreshGroup(group_id)
      contacts.refreshMember(group_id)
    }
  return {
    'group.info': () => (group) => directory.putGroup(group),
    'group.update': () => (group) => directory.putGroup(group),
    'group.announce': () => (group) => directory.putGroup(group),
    'group.create': () => (group) => {
      directory.putGroup(group)
      void changes.learn(groupConversationId(group.id))
    },
    'group.join_by_link': () => (group) => {
      directory.putGroup(group)
      moved({ group_id: group.id })()
    },
    'group.join': moved,
    'group.quit': moved,
    'group.dissolve': moved,
    'group.member': () => (member) => {
      if (member.user_id === me && member.status === memberStatus.normal) contacts.putMember(member)
    },
    'group.set_nickname': () => (member) => {
      if (member.user_id === me) contacts.putMember(member)
    },
  }
}

function ofConversations({ rows, sync, changes, extras }: EchoParts): Echoes {
  const moved =
    ({ conversation_id }: { conversation_id: string }) =>
    (): void =>
      void changes.learn(conversation_id)
  return {
    'conversation.info': () => (conversation) => rows.put(conversation),
    'conversation.update': moved,
    'conversation.clear': moved,
    'conversation.mark_read':
      ({ conversation_id, read_seq }) =>
      () =>
        rows.read(conversation_id, read_seq),
    'conversation.draft': ({ conversation_id, text = '' }) => {
      return () => rows.drafted(conversation_id, text)
    },
    'conversation.set_expiry':
      ({ conversation_id, seconds }) =>
      () =>
        rows.expire(conversation_id, seconds),
    'message.edit': ({ conversation_id, seq }) => {
      const edited = changes.edits(conversation_id, seq)
      return (message) => edited(chatMessage(message))
    },
    'message.delete':
      ({ conversation_id, seqs, for_everyone: forEveryone }) =>
      () => {
        if (forEveryone) return
        rows.hide(conversation_id, seqs)
        sync.hide(conversation_id, seqs)
      },
    'message.react':
      ({ conversation_id, seq, emoji, remove = false }) =>
      () =>
        extras.react(conversation_id, seq, emoji, remove),
  }
}
