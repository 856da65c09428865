import { digestOf, ImError, type Input, msgType, typedContent } from '@nexo-im/protocol'
import { needRoom } from '../caps.ts'
import { keep } from '../conflict.ts'
import type { Handlers, Result } from '../handler.ts'
import type { Stored } from '../ports.ts'
import type { Caller, World } from '../world.ts'
import { outgoing } from './messages.ts'
import { onStanding } from './rewriting.ts'
import { proveMessage } from './sighting.ts'
import type { Standing } from './standings.ts'

type Scheduled = Result<'message.schedule'>
type Send = Input<'message.send'>

const soonest = 1000
const latest = 366 * 86_400_000

/**
 * A message as a timer, so that it survives restarts. Judged now like a send, and again by the rules of its time. The
 * same client_msg_id scheduled twice is scheduled once.
 */
async function schedule(
  world: World,
  caller: Caller,
  input: Input<'message.schedule'>,
  standing: Standing,
): Promise<Scheduled> {
  const { at, ...send } = input
  const now = world.clock.now()
  if (at < now + soonest || at > now + latest)
    throw new ImError('invalid_parameter', { detail: 'at: from one second to 366 days from now' })
  const { type, body } = outgoing(world, send)
  if (type === msgType.quote)
    await proveMessage(world, caller.userId, standing.conversation, Number(body['seq']))
  const text = JSON.stringify({ ...send, content: typedContent(type, body) })
  const id = timerId(world, caller.userId, send.client_msg_id)
  return world.turns.take(`scheduled:${caller.userId}`, async () => {
    const waiting = await world.store.list('timer', 'by_user', [caller.userId, 'send'])
    const same = waiting.find((t) => t.timer_id === id)
    if (same?.input === text && same.at === at) return shown(same)
    const [twin] = await world.store.twins([[caller.userId, send.client_msg_id]])
    if (same || twin) throw new ImError('duplicate_message')
    needRoom(world.rules.caps, 'scheduled', waiting.length)
    const row = {
      timer_id: id,
      queue: 'all',
      at,
      task: 'send',
      user_id: caller.userId,
      conversation_id: standing.conversation,
      seq: 0,
      input: text,
      error: '',
    }
    await onStanding(world, caller.userId, standing, () =>
      keep(world, {
        build: () => ({
          expect: [{ kind: 'timer', key: [id], version: 0 }, ...standing.expect],
          put: [{ kind: 'timer', row }],
        }),
      }),
    )
    return shown(row)
  })
}

/** By its content, so that two nodes give one message one timer. */
function timerId({ sha256 }: World, userId: string, clientMsgId: string): string {
  return `send:${digestOf(sha256, `${userId}\0`, clientMsgId)}`
}

function shown({ timer_id: id, at, input, error }: Omit<Stored<'timer'>, 'version'>): Scheduled {
  return { id, at, ...(JSON.parse(input) as Send), ...(error !== '' && { error }) }
}

async function scheduled(world: World, { userId }: Caller): Promise<Scheduled[]> {
  const rows = await world.store.list('timer', 'by_user', [userId, 'send'])
  return rows.map(shown)
}

/** Takes turns with the sending of it, so that what was cancelled is not sent. */
async function cancel(
  world: World,
  { userId }: Caller,
  { id }: Input<'message.cancel_scheduled'>,
): Promise<null> {
  return world.turns.take(id, async () => {
    const [timer] = await world.store.get('timer', [[id]])
    if (timer?.user_id !== userId || timer.task !== 'send') throw new ImError('scheduled_not_found')
    const { client_msg_id } = JSON.parse(timer.input) as Send
    const [sent] = await world.store.twins([[userId, client_msg_id]])
    if (sent && timer.queue === 'all') throw new ImError('scheduled_not_found')
    await keep(world, {
      build: () => ({
        expect: [{ kind: 'timer', key: [id], version: timer.version }],
        remove: [{ kind: 'timer', key: [id] }],
      }),
    })
    return null
  })
}

export const schedulingHandlers = {
  'message.schedule': schedule,
  'message.scheduled': scheduled,
  'message.cancel_scheduled': cancel,
} satisfies Partial<Handlers>
