import type { ChatMessage } from '@nexo-im/client'
import { Tabs } from 'radix-ui'
import { type ReactNode, useCallback, useEffect, useState } from 'react'
import { useClient } from '../client.ts'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Spinner, useSlow } from '../ui/spinner.tsx'
import { useAnswer } from './answer.tsx'
import { PersonLine } from './people-list.tsx'

interface Props {
  message: ChatMessage
  onClose: () => void
}

/** Who has read an own message in a group, and who has not yet. */
export function ReadersDialog({ message, onClose }: Props): ReactNode {
  const t = useText()
  const client = useClient()
  const { conversationId, seq } = message
  const { value } = useAnswer(
    () => client.call('message.read_counts', { conversation_id: conversationId, seqs: [seq] }),
    `${conversationId} ${seq}`,
  )
  const counts = value?.[0]
  const tab =
    'flex-1 rounded-lg py-1.5 text-small font-medium text-soft data-[state=active]:bg-raised data-[state=active]:text-ink data-[state=active]:shadow-low'
  return (
    <Dialog title={t('readers.title')} onClose={onClose}>
      <Tabs.Root defaultValue="read">
        <Tabs.List className="flex rounded-xl bg-ink/6 p-1" aria-label={t('readers.title')}>
          <Tabs.Trigger value="read" className={tab}>
            {t('readers.read')} <span className="tabular-nums">{counts?.read}</span>
          </Tabs.Trigger>
          <Tabs.Trigger value="unread" className={tab}>
            {t('readers.unread')} <span className="tabular-nums">{counts?.unread}</span>
          </Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="read" className="mt-3">
          <Readers message={message} read />
        </Tabs.Content>
        <Tabs.Content value="unread" className="mt-3">
          <Readers message={message} read={false} />
        </Tabs.Content>
      </Tabs.Root>
      {counts !== undefined && counts.hidden > 0 ? (
        <p className="mt-3 text-small text-faint">{t.count('readers.hidden', counts.hidden)}</p>
      ) : null}
    </Dialog>
  )
}

interface Pages {
  readonly ids: readonly string[]
  readonly cursor: string | undefined
  readonly loaded: boolean
}

function Readers({ message, read }: { message: ChatMessage; read: boolean }): ReactNode {
  const t = useText()
  const client = useClient()
  const { conversationId, seq } = message
  const [pages, setPages] = useState<Pages>({ ids: [], cursor: undefined, loaded: false })
  const [failure, setFailure] = useState<unknown>(undefined)
  const load = useCallback(
    async (cursor: string | undefined) => {
      const page = await client.call('message.readers', {
        conversation_id: conversationId,
        seq,
        read,
        ...(cursor !== undefined && { cursor }),
      })
      const ids = page.list.map((one) => one.user_id)
      setPages((now) => ({
        ids: cursor === undefined ? ids : [...now.ids, ...ids],
        cursor: page.next_cursor,
        loaded: true,
      }))
    },
    [client, conversationId, seq, read],
  )
  useEffect(() => void load(undefined).catch(setFailure), [load])
  const slow = useSlow(!pages.loaded && failure === undefined)
  if (failure !== undefined) {
    return (
      <p className="text-small text-danger" role="alert">
        {explain(failure, t)}
      </p>
    )
  }
  if (!pages.loaded) return slow ? <Spinner label={t('app.loading')} /> : null
  if (pages.ids.length === 0)
    return (
      <p className="py-3 text-small text-soft">{t(read ? 'readers.none.read' : 'readers.none.unread')}</p>
    )
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no wheel scrolls it with the keyboard
    <div className="max-h-[50dvh] overflow-y-auto" tabIndex={0}>
      <ul>
        {pages.ids.map((id) => (
          <PersonLine key={id} userId={id} />
        ))}
      </ul>
      {pages.cursor === undefined ? null : (
        <Button
          look="quiet"
          className="mt-2 w-full"
          onClick={() => void load(pages.cursor).catch(setFailure)}
        >
          {t('readers.more')}
        </Button>
      )}
    </div>
  )
}
