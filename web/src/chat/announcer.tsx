import type { ChatMessage } from '@nexo-im/client'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { previewOf } from '../bubbles/preview.ts'
import { useOwnId } from '../client.ts'
import { useText } from '../i18n/index.ts'
import { useMemberName } from './names.ts'

/**
 * Reads out what arrives. The list itself keeps silent, for it also adds and removes lines when somebody scrolls.
 */
export function Announcer({ messages }: { messages: readonly ChatMessage[] }): ReactNode {
  const t = useText()
  const ownId = useOwnId()
  const newest = messages.at(-1)
  const known = useRef(newest?.seq ?? 0)
  const [arrived, setArrived] = useState<ChatMessage | undefined>(undefined)
  useEffect(() => {
    if (newest === undefined || newest.seq <= known.current) return
    const first = known.current === 0
    known.current = newest.seq
    if (!first && newest.senderId !== ownId) setArrived(newest)
  }, [newest, ownId])
  const name = useMemberName(arrived?.senderId ?? ownId)
  return (
    <p className="sr-only" aria-live="polite">
      {arrived === undefined ? '' : t('chat.announce', { name, text: previewOf(arrived, t) })}
    </p>
  )
}
