import type { Event } from './history.ts'
import type { List, Mark, Members, Move, Probe, Revoke, Server, State, Sync } from './side-history.ts'

/** What happened beside the messages, sorted by subject. */
export interface Side {
  /** By conversation. */
  readonly moves: Map<string, Move[]>
  /** By conversation: who is in when all is over. */
  readonly finalMembers: Map<string, Members>
  readonly marks: Mark[]
  readonly states: State[]
  readonly lists: List[]
  /** By client, in their order. */
  readonly syncs: Map<string, Sync[]>
  readonly revokes: Revoke[]
  readonly probes: Probe[]
  readonly servers: Server[]
}

export function emptySide(): Side {
  return {
    moves: new Map(),
    finalMembers: new Map(),
    marks: [],
    states: [],
    lists: [],
    syncs: new Map(),
    revokes: [],
    probes: [],
    servers: [],
  }
}

export function addSide(side: Side, event: Event): void {
  switch (event.op) {
    case 'join':
    case 'invite':
    case 'leave':
    case 'kick':
      return listed(side.moves, event.args.conversation_id, event)
    case 'members':
      side.finalMembers.set(event.args.conversation_id, event)
      return
    case 'sync':
      return listed(side.syncs, event.client, event)
    case 'mark':
      side.marks.push(event)
      return
    case 'state':
      side.states.push(event)
      return
    case 'list':
      side.lists.push(event)
      return
    case 'revoke':
      side.revokes.push(event)
      return
    case 'probe':
      side.probes.push(event)
      return
    case 'server':
      side.servers.push(event)
  }
}

export function listed<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
