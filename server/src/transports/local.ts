import {
  asImError,
  closeCodes,
  type Event,
  type EventName,
  events,
  type LinkEnd,
  linkPair,
  nexoV1Codec,
} from '@nexo-im/protocol'
import { authenticate } from '../core/people/sign-ins.ts'
import type { Entry } from '../core/ports.ts'
import { type Encoder, Session } from '../core/session.ts'
import { type Door, sessionLimits } from './door.ts'
import { eventJson, messageJson } from './nexo/view.ts'
import { createRequests } from './requests.ts'

const codec = nexoV1Codec()
const view = { typed: true, socket: true }

const encoder: Encoder = {
  name: 'local',
  message: (entry: Entry) => {
    const msgs = `{"msgs":{${JSON.stringify(entry.conversation_id)}:[${messageJson(entry, view)}]}}`
    return codec.writeEvent(events.message_received.frame, msgs)
  },
  event: (name: EventName, data: unknown) => {
    const { frame }: Event = events[name]
    return frame === undefined ? undefined : codec.writeEvent(frame, eventJson(name, data, view))
  },
}

/**
 * A connection without a network: the returned end speaks `nexo.v1` text frames and takes the same dispatch, session
 * and policy as a socket. A dead token closes it with 4401, as it would a socket.
 */
export function openLocalLink(door: Door, token: string): LinkEnd {
  const [ours, theirs] = linkPair()
  authenticate(door.world, token).then(
    (caller) => serve(door, ours, caller),
    (error: unknown) => ours.close(closeCodes.session_ended, asImError(error).kind),
  )
  return theirs
}

function serve(door: Door, ours: LinkEnd, caller: Awaited<ReturnType<typeof authenticate>>): void {
  const { options, world } = door
  const { expiresAt, ...who } = caller
  const session: Session = new Session({
    ...who,
    connId: world.random.uuid(),
    expiresAt,
    encoder,
    clock: world.clock,
    tally: world.tally,
    dirty: world.router.dirty,
    limits: sessionLimits(options),
    link: {
      write: (frames) => {
        for (const frame of frames) ours.send(frame)
      },
      close: (code, reason) => ours.close(code, reason),
      // Memory cannot go silent: the other end is this very process.
      ping: () => session.heard(),
      get buffered() {
        return ours.buffered
      },
    },
  })
  const requests = createRequests({ door, codec, session, caller: { ...who, session } })
  ours.open({
    frame: (frame) => {
      session.heard()
      requests.take(frame)
    },
    closed: () => {
      session.closed = true
      world.presence.remove(session)
    },
  })
  world.presence.add(session)
}
