import type { ChatMessage } from '@nexo-im/client'
import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual'
import {
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useClient, useOwnId } from '../client.ts'
import { useNow } from '../dates.ts'
import { useText } from '../i18n/index.ts'
import type { Place } from '../people/names.ts'
import { Announcer } from './announcer.tsx'
import { useDesk } from './desk.ts'
import type { History } from './history.ts'
import { type JumpTarget, useJump } from './jump.ts'
import { JumpButtons } from './jump-button.tsx'
import { Lines } from './lines.tsx'
import { useFirstUnread, useMarkRead, useWatched } from './reading.ts'
import { type Row, rowsOf, seqsOf } from './rows.ts'
import { Beginning, FloatingDay, OlderNotice } from './separators.tsx'

type List = Virtualizer<HTMLDivElement, HTMLDivElement>

/** Pixels from the lower edge within which one still counts as reading the newest. */
const nearEnd = 90
/** Room above the very first message. */
const topPx = 64

interface Props {
  place: Place
  history: History
  /** A message that is wanted in view; `onArrived` when it is, or can never be. */
  target: JumpTarget | undefined
  onArrived: () => void
}

export function MessageList({ place, history, target, onArrived }: Props): ReactNode {
  const t = useText()
  const client = useClient()
  const ownId = useOwnId()
  const now = useNow(60_000)
  const isWatched = useWatched()
  const firstUnread = useFirstUnread(place.view, isWatched)
  const { messages, notices, hasOlder } = history.view
  const rows = useMemo(
    () => rowsOf(messages, notices, { ownId, hasOlder, firstUnread }),
    [messages, notices, ownId, hasOlder, firstUnread],
  )
  const scroller = useRef<HTMLDivElement>(null)
  const list = useList(rows, scroller, hasOlder ? 0 : topPx)
  const placed = useOpeningPlace(list, rows)
  useFollowOwn(list, rows, ownId)
  useKeptEnd(scroller)
  const flash = useJump({ list, rows, history, target, onArrived })
  const { jump } = useDesk()

  const atEnd = list.isAtEnd(nearEnd)
  const top = list.range?.startIndex ?? 0
  const seenSeq = useSeen(rows, messages, !placed ? -1 : atEnd ? undefined : (list.range?.endIndex ?? -1))
  useMarkRead(client, place.view, seenSeq, isWatched)
  const { loadOlder } = history
  useEffect(() => {
    if (top < 8 && rows.length > 0) loadOlder()
  }, [top, rows.length, loadOlder])

  const unseen = messages.filter((m) => m.seq > seenSeq && m.senderId !== ownId).length
  const mentionSeq = place.view?.mentionSeq
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label={t('chat.messages', { title: place.title })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no wheel scrolls it with the keyboard
        tabIndex={0}
        data-testid="messages"
        className="absolute inset-0 overflow-x-hidden overflow-y-auto overscroll-contain [overflow-anchor:none] -outline-offset-2"
      >
        <div className="mx-auto flex min-h-full max-w-[54rem] flex-col justify-end">
          <div className="relative w-full shrink-0" style={{ height: list.getTotalSize() }}>
            {hasOlder ? null : <Beginning />}
            <Lines list={list} rows={rows} place={place} now={now} flash={flash} />
          </div>
        </div>
      </div>
      <OlderNotice history={history} />
      <FloatingDay
        row={rows[top]}
        shown={list.isScrolling && !atEnd && (list.scrollOffset ?? 0) > topPx}
        now={now}
      />
      <JumpButtons
        shown={!atEnd}
        count={unseen}
        onJump={() => list.scrollToEnd()}
        mentions={mentionSeq !== undefined && mentionSeq > seenSeq ? (place.view?.mentions ?? 0) : 0}
        onMention={() => mentionSeq !== undefined && jump(mentionSeq)}
      />
      <Announcer messages={messages} />
    </div>
  )
}

function useList(rows: readonly Row[], scroller: RefObject<HTMLDivElement | null>, above: number): List {
  return useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    // To the fraction of a pixel: the default rounds, and a page of rounded lines is off by several pixels.
    measureElement: (line, entry) =>
      entry?.borderBoxSize[0]?.blockSize ?? line.getBoundingClientRect().height,
    estimateSize: (index) => (rows[index]?.kind === 'message' ? 46 : 48),
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: nearEnd,
    overscan: 10,
    // None while there is more: the virtualizer holds the place of the line at the very top of the view.
    paddingStart: above,
    paddingEnd: 14,
    // React refuses to be flushed from within its own effects, where the virtualizer also scrolls.
    useFlushSync: false,
  })
}

/**
 * Opens at the first unread message, else at the newest. False until the list stands there: where it passed by before
 * that, nobody has read anything.
 */
function useOpeningPlace(list: List, rows: readonly Row[]): boolean {
  const [placed, setPlaced] = useState(false)
  const begun = useRef(false)
  const some = rows.length > 0
  useLayoutEffect(() => {
    if (begun.current || rows.length === 0) return
    begun.current = true
    const unread = rows.findIndex((row) => row.kind === 'unread')
    if (unread >= 0) list.scrollToIndex(unread, { align: 'start' })
    else list.scrollToEnd()
  }, [list, rows])
  useEffect(() => {
    if (!some) return
    // The list learns of its own scrolling in the frame after.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => setPlaced(true))
    })
    return () => cancelAnimationFrame(frame)
  }, [some])
  return placed
}

/** Whoever writes wants to see it, wherever they were reading. */
function useFollowOwn(list: List, rows: readonly Row[], ownId: string): void {
  const newest = rows.at(-1)
  const sending =
    newest?.kind === 'message' && newest.message.senderId === ownId && newest.message.status === 'sending'
  const key = sending ? newest.key : undefined
  useEffect(() => {
    if (key !== undefined) list.scrollToEnd()
  }, [list, key])
}

/** Whoever reads the newest goes on doing so when something beside the list takes or gives up its room. */
function useKeptEnd(scroller: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const box = scroller.current
    if (box === null) return
    const below = (): number => box.scrollHeight - box.scrollTop - box.clientHeight
    let height = box.clientHeight
    let ended = below() < nearEnd
    const look = (): void => {
      ended = below() < nearEnd
    }
    const observer = new ResizeObserver(() => {
      if (box.clientHeight === height) return
      height = box.clientHeight
      if (ended) box.scrollTop = box.scrollHeight
    })
    observer.observe(box)
    box.addEventListener('scroll', look, { passive: true })
    return () => {
      observer.disconnect()
      box.removeEventListener('scroll', look)
    }
  }, [scroller])
}

/** The seq of a line, or of the nearest one above it that has one: what is still being sent has none. */
function seqAt(rows: readonly Row[], index: number): number {
  for (let i = index; i >= 0; i--) {
    const seqs = seqsOf(rows[i])
    if (seqs !== undefined) return seqs[1]
  }
  return 0
}

/** The highest seq that has been in view; never falls. At the end that is also what lies there and is not shown. */
function useSeen(
  rows: readonly Row[],
  messages: readonly ChatMessage[],
  lastVisible: number | undefined,
): number {
  const [seen, setSeen] = useState(0)
  const seq = useMemo(
    () =>
      lastVisible === undefined
        ? (messages.findLast((message) => message.seq > 0)?.seq ?? 0)
        : seqAt(rows, lastVisible),
    [rows, messages, lastVisible],
  )
  useEffect(() => setSeen((before) => Math.max(before, seq)), [seq])
  return Math.max(seen, seq)
}
