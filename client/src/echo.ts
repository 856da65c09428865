import { type FrameOutput, groupConversationId, type Input, type OperationName } from '@nexo-im/protocol'
import type { Directory } from './directory.ts'
import type { Rows } from './rows.ts'
import type { Sync } from './sync.ts'
import type { Watch } from './watch.ts'

export interface EchoParts {
  readonly directory: Directory
  readonly rows: Rows
  readonly sync: Sync
  readonly watch: Watch
}

type Echoes = { readonly [N in OperationName]?: (input: Input<N>, output: FrameOutput<N>) => void }

export type Echo = <N extends OperationName>(name: N, input: Input<N>, output: FrameOutput<N>) => void

/**
 * What the own calls change: the server tells it to the user's other devices only,
 * so the model learns it from the answers.
 */
export function createEcho({ directory, rows, sync, watch }: EchoParts): Echo {
  const groupMoved = ({ group_id }: { group_id: string }): void => {
    void sync.learn(groupConversationId(group_id))
    void directory.refreshGroup(group_id)
  }
  const echoes: Echoes = {
    'user.info': (_, user) => directory.putUser(user),
    'user.update': (_, user) => directory.putUser(user),
    'user.profile': (_, user) => directory.putUser(user),
    'user.batch_info': (_, users) => {
      for (const user of users) directory.putUser(user)
    },
    'presence.get': (_, users) => {
      for (const user of users) watch.put(user)
    },
    'group.info': (_, group) => directory.putGroup(group),
    'group.create': (_, group) => {
      directory.putGroup(group)
      void sync.learn(groupConversationId(group.id))
    },
    'group.join': groupMoved,
    'group.quit': groupMoved,
    'conversation.info': (_, conversation) => rows.put(conversation),
    'conversation.update': ({ conversation_id }) => void sync.learn(conversation_id),
    'conversation.mark_read': ({ conversation_id, read_seq }) => rows.read(conversation_id, read_seq),
  }
  return (name, input, output) => echoes[name]?.(input, output)
}
