import type { Virtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import { useText } from '../i18n/index.ts'
import { useToast } from '../ui/toast.tsx'
import type { History } from './history.ts'
import { type Row, seqsOf } from './rows.ts'

export interface JumpTarget {
  readonly seq: number
  /** Tells two jumps to the same message apart. */
  readonly turn: number
}

interface Options {
  readonly list: Virtualizer<HTMLDivElement, HTMLDivElement>
  readonly rows: readonly Row[]
  readonly history: History
  readonly target: JumpTarget | undefined
  readonly onArrived: () => void
}

/** ms for which the message that was jumped to stands out. */
const flashMs = 1700

/**
 * Brings a message into view, page by page from older history until it is there. Returns the seq that is to stand out at
 * this moment.
 */
export function useJump({ list, rows, history, target, onArrived }: Options): number | undefined {
  const t = useText()
  const toast = useToast()
  const [flash, setFlash] = useState<number | undefined>(undefined)
  const arrived = useRef(onArrived)
  arrived.current = onArrived
  const { loadOlder, olderFailed, loadingOlder, retryOlder } = history
  const { hasOlder, messages } = history.view
  const lowest = messages[0]?.seq ?? 0
  const asked = useRef(0)

  useEffect(() => {
    if (target === undefined) return
    const index = rows.findIndex((row) => covers(row, target.seq))
    if (index >= 0) {
      list.scrollToIndex(index, { align: 'center' })
      setFlash(target.seq)
      arrived.current()
      return
    }
    if (hasOlder && target.seq < lowest) {
      if (loadingOlder) return
      // A page that failed before is asked for again once, by whoever jumps.
      if (!olderFailed) loadOlder()
      else if (asked.current !== target.turn) {
        asked.current = target.turn
        retryOlder()
      } else arrived.current()
      return
    }
    toast('problem', t('chat.jump.missing'))
    arrived.current()
  }, [target, rows, list, hasOlder, lowest, loadingOlder, olderFailed, loadOlder, retryOlder, toast, t])

  useEffect(() => {
    if (flash === undefined) return
    const timer = setTimeout(() => setFlash(undefined), flashMs)
    return () => clearTimeout(timer)
  }, [flash])
  return flash
}

function covers(row: Row, seq: number): boolean {
  const seqs = seqsOf(row)
  return seqs !== undefined && seqs[0] <= seq && seq <= seqs[1]
}
