import { useClient } from '../client.ts'
import { useText } from '../i18n/index.ts'
import { openConversation } from '../route.ts'
import { useAction } from '../ui/action.ts'
import { useToast } from '../ui/toast.tsx'
import { nameOf } from './names.ts'

export interface PersonActions {
  readonly busy: boolean
  readonly message: () => void
  readonly request: (message?: string) => Promise<boolean>
  readonly accept: () => Promise<boolean>
  readonly reject: () => Promise<boolean>
  readonly withdraw: () => Promise<boolean>
  readonly unblock: () => Promise<boolean>
  /** Can be undone from the toast. */
  readonly block: () => Promise<boolean>
  /** Asked about before; rejects when it fails. */
  readonly unfriend: () => Promise<void>
}

/** What one can do about one person; each says how it went. */
export function usePersonActions(userId: string): PersonActions {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { busy, run } = useAction()
  const name = (): string => nameOf(client, userId)
  const user = { user_id: userId }
  const told = async (work: () => Promise<unknown>, done: () => void): Promise<boolean> => {
    const worked = await run(work)
    if (worked) done()
    return worked
  }
  const unblock = (): Promise<boolean> =>
    told(
      () => client.call('block.remove', user),
      () => toast('done', t('person.unblocked', { name: name() })),
    )
  return {
    busy,
    message: () => openConversation(client.conversationWith(userId)),
    request: (message = '') =>
      told(
        () => client.call('friend.request', { ...user, ...(message === '' ? {} : { message }) }),
        () => {
          // Whoever asked us before is a friend at once.
          const asked = client.model.friendRequests()?.incoming.some((one) => one.from_id === userId)
          toast('done', t(asked === true ? 'friends.accepted' : 'friends.requested', { name: name() }))
        },
      ),
    accept: () =>
      told(
        () => client.call('friend.accept', user),
        () => toast('done', t('friends.accepted', { name: name() })),
      ),
    reject: () =>
      told(
        () => client.call('friend.reject', user),
        () => toast('done', t('friends.rejected', { name: name() })),
      ),
    withdraw: () =>
      told(
        () => client.call('friend.withdraw', user),
        () => toast('done', t('friends.withdrawn', { name: name() })),
      ),
    unblock,
    block: () =>
      told(
        () => client.call('block.add', user),
        () =>
          toast('done', t('person.blocked', { name: name() }), {
            words: t('action.undo'),
            run: () => void unblock(),
          }),
      ),
    unfriend: async () => {
      await client.call('friend.delete', user)
      toast('done', t('friends.deleted', { name: name() }))
    },
  }
}
