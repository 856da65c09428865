import type { Virtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useCallback, useState } from 'react'
import { EmojiPopover } from '../composer/emoji-popover.tsx'
import type { Place } from '../people/names.ts'
import { ExpiredLine, GoneLine } from './gone-line.tsx'
import { MessageMenu } from './message-menu.tsx'
import { MessageLine } from './message-row.tsx'
import { NoticeLine } from './notice-line.tsx'
import { useReact } from './reactions.tsx'
import { type ReadCount, useReadCounts } from './read-counts.ts'
import { type Row, seqsOf } from './rows.ts'
import { DayLine, UnreadLine } from './separators.tsx'
import type { Spot } from './spot.ts'

interface Props {
  list: Virtualizer<HTMLDivElement, HTMLDivElement>
  rows: readonly Row[]
  place: Place
  now: number
  /** Seq of the message that stands out. */
  flash: number | undefined
}

/** The lines near the screen, and the one menu and the one emoji picker that serve them all. */
export function Lines({ list, rows, place, now, flash }: Props): ReactNode {
  const items = list.getVirtualItems()
  const inGroup = place.type === 'group'
  const shown = items.flatMap(({ index }) => rows[index] ?? [])
  const reads = useReadCounts(
    place.id,
    inGroup,
    shown.flatMap((row) => (row.kind === 'message' ? [row.message] : [])),
  )
  const [menu, setMenu] = useState<Spot | undefined>(undefined)
  const [picker, setPicker] = useState<Spot | undefined>(undefined)
  const { reachable, onReach } = useReachable(shown)
  return (
    <>
      <div
        className="absolute inset-x-0 top-0"
        style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}
      >
        {items.map((item) => {
          const row = rows[item.index]
          return (
            <div key={item.key} ref={list.measureElement} data-index={item.index}>
              <Line
                row={row}
                inGroup={inGroup}
                now={now}
                flash={flash}
                reads={reads}
                reachable={reachable}
                onReach={onReach}
                onMenu={setMenu}
                onPicker={setPicker}
              />
            </div>
          )
        })}
      </div>
      {menu === undefined ? null : (
        <MessageMenu spot={menu} onClose={() => setMenu(undefined)} onPicker={setPicker} />
      )}
      {picker === undefined ? null : <Picker spot={picker} onClose={() => setPicker(undefined)} />}
    </>
  )
}

/** The message whose menu the Tab key reaches: the one that was last reached, else the newest in sight. */
function useReachable(shown: readonly Row[]): { reachable: number; onReach: (seq: number) => void } {
  const [chosen, setChosen] = useState(0)
  const seqs = shown.flatMap((row) =>
    row.kind === 'message' && row.message.seq > 0 ? [row.message.seq] : [],
  )
  const onReach = useCallback((seq: number) => setChosen(seq), [])
  return { reachable: seqs.includes(chosen) ? chosen : (seqs.at(-1) ?? 0), onReach }
}

interface LineProps extends Omit<Props, 'list' | 'rows' | 'place'> {
  row: Row | undefined
  inGroup: boolean
  reads: ReadonlyMap<number, ReadCount>
  reachable: number
  onReach: (seq: number) => void
  onMenu: (spot: Spot) => void
  onPicker: (spot: Spot) => void
}

function Line(props: LineProps): ReactNode {
  const { row, now, flash, reads, reachable } = props
  const [seq = 0] = seqsOf(row) ?? []
  const flashes = seq > 0 && flash === seq
  switch (row?.kind) {
    case undefined:
      return null
    case 'day':
      return <DayLine at={row.at} now={now} />
    case 'unread':
      return <UnreadLine />
    case 'notice':
      return <NoticeLine notice={row.notice} now={now} />
    case 'expired':
      return <ExpiredLine row={row} />
    case 'gone':
      return <GoneLine message={row.message} flash={flashes} />
    case 'message':
      return (
        <MessageLine
          {...props}
          row={row}
          flash={flashes}
          reads={reads.get(seq)}
          reachable={seq > 0 && reachable === seq}
        />
      )
  }
}

function Picker({ spot, onClose }: { spot: Spot; onClose: () => void }): ReactNode {
  const react = useReact()
  return (
    <EmojiPopover
      open
      onOpenChange={(open) => open || onClose()}
      anchor={{ x: spot.x, y: spot.y }}
      onPick={(sign) => {
        react(spot.message, sign)
        onClose()
      }}
      onClosed={() => spot.from?.focus({ preventScroll: true })}
    />
  )
}
