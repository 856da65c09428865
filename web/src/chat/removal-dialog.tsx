import type { ChatMessage } from '@nexo-im/client'
import { type ReactNode, useState } from 'react'
import { useClient } from '../client.ts'
import { useDrafts } from '../composer/drafts.ts'
import { explain } from '../failures.ts'
import { type Text, useText } from '../i18n/index.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { useToast } from '../ui/toast.tsx'
import { wordsOf } from './rights.ts'

export type Removal =
  | { readonly kind: 'recall' | 'delete'; readonly message: ChatMessage }
  | { readonly kind: 'hide'; readonly messages: readonly ChatMessage[] }

interface Props {
  removal: Removal
  onClose: () => void
  onDone: () => void
}

/** Asks before a message goes: none of the three ways can be undone. */
export function RemovalDialog({ removal, onClose, onDone }: Props): ReactNode {
  const t = useText()
  const toast = useToast()
  const remove = useRemove()
  const [busy, setBusy] = useState(false)
  const confirm = async (): Promise<void> => {
    setBusy(true)
    try {
      await remove(removal)
      onDone()
      onClose()
    } catch (failure) {
      toast('problem', explain(failure, t))
      setBusy(false)
    }
  }
  const { title, text, action } = wordsFor(removal, t)
  return (
    <Dialog title={title} text={text} onClose={onClose}>
      <div className="flex justify-end gap-2">
        <Button look="quiet" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button look="danger" busy={busy} onClick={() => void confirm()}>
          {action}
        </Button>
      </div>
    </Dialog>
  )
}

function wordsFor(removal: Removal, t: Text): { title: string; text: string; action: string } {
  if (removal.kind === 'recall')
    return { title: t('message.recall.title'), text: t('message.recall.text'), action: t('message.recall') }
  const action = t('message.delete.confirm')
  if (removal.kind === 'hide') {
    const title = t.count('message.delete.own.title', removal.messages.length)
    return { title, text: t('message.delete.own.text'), action }
  }
  return { title: t('message.delete.all.title'), text: t('message.delete.all.text'), action }
}

function useRemove(): (removal: Removal) => Promise<void> {
  const client = useClient()
  const drafts = useDrafts()
  return async (removal) => {
    if (removal.kind === 'hide') {
      const [first] = removal.messages
      const seqs = removal.messages.map((message) => message.seq)
      if (first !== undefined) await client.remove(first.conversationId, seqs)
      return
    }
    const { conversationId, seq } = removal.message
    if (removal.kind === 'delete') return client.remove(conversationId, [seq], { forEveryone: true })
    const words = wordsOf(removal.message)
    await client.recall(conversationId, seq)
    if (words !== undefined) drafts.keepRecalled(conversationId, seq, words)
  }
}
