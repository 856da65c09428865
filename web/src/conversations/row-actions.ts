import type { ConversationView } from '@nexo-im/client'
import { receiveOption } from '@nexo-im/protocol'
import { useClient } from '../client.ts'
import { explain } from '../failures.ts'
import { type TextKey, useText } from '../i18n/index.ts'
import { useToast } from '../ui/toast.tsx'

export type Notify = keyof typeof receiveOption

export interface RowActions {
  readonly pin: () => void
  readonly notify: (option: Notify) => void
  readonly markRead: () => void
  readonly markUnread: () => void
  readonly hide: () => void
  /** Asked about before; rejects when it fails. */
  readonly clear: () => Promise<void>
}

/** Own settings of a conversation. */
type Settings = Partial<
  Record<'is_pinned' | 'is_marked_unread' | 'is_hidden', boolean> & { recv_msg_opt: number }
>

/** The name of a receive option; what a later server may add counts as the plain one. */
export function notifyOf(option: number): Notify {
  const names = Object.keys(receiveOption) as Notify[]
  return names.find((name) => receiveOption[name] === option) ?? 'normal'
}

/** What one can do to a conversation in the list; what can be undone offers it for a while. */
export function useRowActions(view: ConversationView, title: string): RowActions {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const failed = (failure: unknown): void => toast('problem', explain(failure, t))
  const update = (settings: Settings): Promise<unknown> =>
    client.call('conversation.update', { conversation_id: view.id, ...settings })
  const change = (next: Settings, before: Settings, done: TextKey): void => {
    const undo = { words: t('action.undo'), run: () => void update(before).catch(failed) }
    update(next).then(() => toast('done', t(done, { title }), undo), failed)
  }
  return {
    pin: () =>
      change(
        { is_pinned: !view.pinned },
        { is_pinned: view.pinned },
        view.pinned ? 'list.unpin.done' : 'list.pin.done',
      ),
    notify: (option) =>
      change(
        { recv_msg_opt: receiveOption[option] },
        { recv_msg_opt: view.receiveOption },
        `list.notify.done.${option}`,
      ),
    // A read position never goes back, and "unread" is undone by reading: neither needs a toast.
    markRead: () => void client.markRead(view.id).catch(failed),
    markUnread: () => void update({ is_marked_unread: true }).catch(failed),
    hide: () => change({ is_hidden: true }, { is_hidden: false }, 'list.hidden'),
    clear: async () => {
      await client.call('conversation.clear', { conversation_id: view.id })
      toast('done', t('list.clear.done', { title }))
    },
  }
}
