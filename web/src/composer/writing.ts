import { useEffect, useRef, useState } from 'react'
import { mentionsIn } from '../bubbles/mention-marks.ts'
import { type Composing, useDesk } from '../chat/desk.ts'
import { wordsOf } from '../chat/rights.ts'
import { useClient } from '../client.ts'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { useToast } from '../ui/toast.tsx'
import { useDraft, useDrafts } from './drafts.ts'
import type { Candidate } from './mention-query.ts'
import { edited, fitsFrame, outgoing, trimmed } from './outgoing.ts'

export interface Writing {
  readonly text: string
  readonly write: (text: string) => void
  readonly fits: boolean
  readonly ready: boolean
  readonly busy: boolean
  readonly submit: () => void
}

/** The words in the composer: a draft that is sent, or an own message that is changed. */
export function useWriting(candidates: readonly Candidate[]): Writing {
  const client = useClient()
  const drafts = useDrafts()
  const { place, composing, compose } = useDesk()
  const draft = useDraft(place.id)
  const edit = useEdit(composing)
  const text = edit.active ? edit.text : draft
  const fits = fitsFrame(text)
  const ready = trimmed(text) !== '' && fits && !edit.busy

  const write = (next: string): void => {
    if (edit.active) return edit.write(next)
    drafts.set(place.id, next)
    client.typing(place.id, next.trim() !== '')
  }
  const send = (): void => {
    const to = place.type === 'group' ? { groupId: place.groupId } : { userId: place.peerId }
    const replied = composing?.kind === 'reply' ? composing.message : undefined
    const { acked } = client.send(to, outgoing(text, replied, mentionsIn(text, candidates)))
    // The message itself shows why it failed.
    acked.catch(() => undefined)
    drafts.set(place.id, '')
    compose(undefined)
  }
  const submit = (): void => {
    if (!ready) return
    if (edit.active) edit.save()
    else send()
  }
  useEffect(() => () => client.typing(place.id, false), [client, place.id])
  return { text, write, fits, ready, busy: edit.busy, submit }
}

interface Edit {
  readonly active: boolean
  readonly text: string
  readonly busy: boolean
  readonly write: (text: string) => void
  readonly save: () => void
}

/** The words of the message that is being edited; the draft waits beside them. */
function useEdit(composing: Composing | undefined): Edit {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { compose } = useDesk()
  const message = composing?.kind === 'edit' ? composing.message : undefined
  const [written, setWritten] = useState<{ seq: number; text: string } | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const latest = useRef(composing)
  latest.current = composing
  const original = message === undefined ? '' : (wordsOf(message) ?? '')
  const text = message !== undefined && written?.seq === message.seq ? written.text : original
  const close = (): void => {
    setWritten(undefined)
    if (latest.current === composing) compose(undefined)
  }
  const save = async (): Promise<void> => {
    if (message === undefined) return
    if (trimmed(text) === original) return close()
    setBusy(true)
    try {
      await client.edit(message.conversationId, message.seq, edited(message, text))
      close()
    } catch (failure) {
      toast('problem', explain(failure, t))
    } finally {
      setBusy(false)
    }
  }
  return {
    active: message !== undefined,
    text,
    busy,
    write: (next) => message !== undefined && setWritten({ seq: message.seq, text: next }),
    save: () => void save(),
  }
}
