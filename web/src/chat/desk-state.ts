import { useMembership, useRelations } from '@nexo-im/client/react'
import { useCallback, useMemo, useRef, useState } from 'react'
import { useClient, useOwnId } from '../client.ts'
import { useScheduled } from '../composer/scheduled.ts'
import { useNow } from '../dates.ts'
import type { GroupState } from '../groups/group.ts'
import type { Place } from '../people/names.ts'
import type { Composing, Desk, Sheet } from './desk.ts'
import type { History } from './history.ts'
import type { JumpTarget } from './jump.ts'
import { deedsOf, type Rights, rightsIn } from './rights.ts'

export interface DeskState {
  readonly desk: Desk
  readonly sheet: Sheet | undefined
  readonly target: JumpTarget | undefined
  readonly arrived: () => void
}

/** What is being done in the chat of a place; begins anew with every conversation. */
export function useDeskState(place: Place, group: GroupState, history: History): DeskState {
  const ownId = useOwnId()
  const rights = useRights(place, group)
  const scheduled = useScheduled(place)
  const [composing, compose] = useState<Composing | undefined>(undefined)
  const [selected, select] = useState<ReadonlySet<number> | undefined>(undefined)
  const [sheet, show] = useState<Sheet | undefined>(undefined)
  const [target, setTarget] = useState<JumpTarget | undefined>(undefined)
  const turn = useRef(0)
  const jump = useCallback((seq: number) => setTarget({ seq, turn: ++turn.current }), [])
  const arrived = useCallback(() => setTarget(undefined), [])
  const { messages } = history.view
  const desk = useMemo<Desk>(() => {
    const find = (seq: number) => messages.find((message) => message.seq === seq && message.hidden !== true)
    const inGroup = place.type === 'group'
    return {
      place,
      group,
      rights,
      scheduled,
      composing,
      compose,
      selected,
      select,
      show,
      jump,
      find,
      latestEditable: () =>
        messages.findLast(
          (message) =>
            message.seq > 0 &&
            message.hidden !== true &&
            deedsOf(message, { ownId, rights, inGroup, authorRole: undefined, now: Date.now() }).edit,
        ),
    }
  }, [place, group, rights, scheduled, composing, selected, jump, messages, ownId])
  return { desk, sheet, target, arrived }
}

function useRights(place: Place, group: GroupState): Rights {
  const client = useClient()
  const member = useMembership(client, place.groupId)
  const relation = useRelations(client)?.get(place.peerId)
  const situation = {
    inGroup: place.type === 'group',
    member,
    group: group.record,
    left: group.left,
    blocked: relation?.is_blocked ?? false,
  }
  // A mute ends by itself: looked at every second while there is one.
  const present = rightsIn({ ...situation, now: Date.now() })
  const timed = present.hindrance !== undefined && 'until' in present.hindrance
  useNow(timed ? 1000 : undefined)
  const key = JSON.stringify(present)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same object as long as it says the same
  return useMemo(() => present, [key])
}
