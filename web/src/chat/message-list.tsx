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
import type { History } from './history.ts'
import { JumpButton } from './jump-button.tsx'
import { MessageLine } from './message-row.tsx'
import { useFirstUnread, useMarkRead, useWatched } from './reading.ts'
import { type Row, rowsOf } from './rows.ts'
import { Beginning, DayLine, FloatingDay, OlderNotice, UnreadLine } from './separators.tsx'

type List = Virtualizer<HTMLDivElement, HTMLDivElement>

/** Pixels from the lower edge within which one still counts as reading the newest. */
const nearEnd = 90
/** Room above the very first message. */
const topPx = 64

export function MessageList({ place, history }: { place: Place; history: History }): ReactNode {
  const t = useText()
  const client = useClient()
  const ownId = useOwnId()
  const now = useNow(60_000)
  const isWatched = useWatched()
  const firstUnread = useFirstUnread(place.view, isWatched)
  const { messages, hasOlder } = history.view
  const rows = useMemo(
    () => rowsOf(messages, { ownId, hasOlder, firstUnread }),
    [messages, ownId, hasOlder, firstUnread],
  )
  const scroller = useRef<HTMLDivElement>(null)
  const list = useList(rows, scroller, hasOlder ? 0 : topPx)
  useOpeningPlace(list, rows)
  useFollowOwn(list, rows, ownId)

  const items = list.getVirtualItems()
  const atEnd = list.isAtEnd(nearEnd)
  const top = list.range?.startIndex ?? 0
  const seenSeq = useSeen(rows, atEnd ? rows.length - 1 : (list.range?.endIndex ?? -1))
  useMarkRead(client, place.view, seenSeq, isWatched)
  const { loadOlder } = history
  useEffect(() => {
    if (top < 8 && rows.length > 0) loadOlder()
  }, [top, rows.length, loadOlder])

  const jump = useCallback(
    (seq: number) => {
      const index = rows.findIndex((row) => row.kind === 'message' && row.message.seq === seq)
      if (index >= 0) list.scrollToIndex(index, { align: 'center' })
    },
    [rows, list],
  )
  const unseen = messages.filter((m) => m.seq > seenSeq && m.senderId !== ownId).length
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
            <div
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}
            >
              {items.map((item) => (
                <div key={item.key} ref={list.measureElement} data-index={item.index}>
                  <Line row={rows[item.index]} inGroup={place.type === 'group'} now={now} onJump={jump} />
                </div>
              ))}
            </div>
          </div>
        </div>
      </div>
      <OlderNotice history={history} />
      <FloatingDay
        row={rows[top]}
        shown={list.isScrolling && !atEnd && (list.scrollOffset ?? 0) > topPx}
        now={now}
      />
      <JumpButton shown={!atEnd} count={unseen} onJump={() => list.scrollToEnd()} />
      <Announcer messages={messages} />
    </div>
  )
}

function Line(props: {
  row: Row | undefined
  inGroup: boolean
  now: number
  onJump: (seq: number) => void
}): ReactNode {
  const { row, inGroup, now, onJump } = props
  if (row === undefined) return null
  if (row.kind === 'day') return <DayLine at={row.at} now={now} />
  if (row.kind === 'unread') return <UnreadLine />
  return <MessageLine row={row} inGroup={inGroup} onJump={onJump} />
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

/** Opens at the first unread message, else at the newest. */
function useOpeningPlace(list: List, rows: readonly Row[]): void {
  const placed = useRef(false)
  useLayoutEffect(() => {
    if (placed.current || rows.length === 0) return
    placed.current = true
    const unread = rows.findIndex((row) => row.kind === 'unread')
    if (unread >= 0) list.scrollToIndex(unread, { align: 'start' })
    else list.scrollToEnd()
  }, [list, rows])
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

/** The seq of a line, or of the nearest one above it that has one: what is still being sent has none. */
function seqAt(rows: readonly Row[], index: number): number {
  for (let i = index; i >= 0; i--) {
    const row = rows[i]
    if (row?.kind === 'message' && row.message.seq > 0) return row.message.seq
  }
  return 0
}

/** The highest seq that has been in view; never falls. */
function useSeen(rows: readonly Row[], lastVisible: number): number {
  const [seen, setSeen] = useState(0)
  const seq = useMemo(() => seqAt(rows, lastVisible), [rows, lastVisible])
  useEffect(() => setSeen((before) => Math.max(before, seq)), [seq])
  return Math.max(seen, seq)
}
