import type { ChatMessage } from '@nexo-im/client'
import type { ReactNode } from 'react'
import { LaterDialog } from '../composer/later-dialog.tsx'
import { type Sheet, useDesk } from './desk.ts'
import { ForwardDialog } from './forward-dialog.tsx'
import { HistoryDialog } from './history-dialog.tsx'
import { PinsDialog } from './pins-dialog.tsx'
import { ReactorsDialog } from './reactors-dialog.tsx'
import { ReadersDialog } from './readers-dialog.tsx'
import { RemovalDialog } from './removal-dialog.tsx'

interface Props {
  sheet: Sheet | undefined
  pins: readonly ChatMessage[]
}

/** The window over the chat. */
export function Sheets({ sheet, pins }: Props): ReactNode {
  const { show, select, find } = useDesk()
  const close = (): void => show(undefined)
  const done = (): void => select(undefined)
  switch (sheet?.kind) {
    case undefined:
      return null
    case 'forward':
      return <ForwardDialog messages={sheet.messages} onClose={close} onDone={done} />
    case 'recall':
    case 'delete':
    case 'hide':
      return <RemovalDialog removal={sheet} onClose={close} onDone={done} />
    case 'readers':
      return <ReadersDialog message={sheet.message} onClose={close} />
    case 'reactors':
      // As it is now, not as it was when the window opened.
      return <ReactorsDialog message={find(sheet.message.seq) ?? sheet.message} onClose={close} />
    case 'history':
      return <HistoryDialog message={find(sheet.message.seq) ?? sheet.message} onClose={close} />
    case 'pins':
      return <PinsDialog pins={pins} onClose={close} />
    case 'later':
      return <LaterDialog onClose={close} />
  }
}
