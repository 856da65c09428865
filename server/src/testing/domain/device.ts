import type { EventName, Input } from '@nexo-im/protocol'
import { stranger } from '../../core/dispatch.ts'
import { authenticate } from '../../core/people/sign-ins.ts'
import { type Encoder, Session } from '../../core/session.ts'
import type { Caller } from '../../core/world.ts'
import type { TestCore } from './core.ts'

export interface Told {
  readonly name: EventName
  readonly data: unknown
}

/** A connected device of somebody, without a network: what it was told, and how it was closed. */
export interface Device {
  readonly caller: Caller
  readonly session: Session
  readonly token: string
  readonly refreshToken: string
  /** Everything told since the last call, in order. */
  heard(): Promise<Told[]>
  closed(): string
  /** The socket goes away. */
  leave(): void
}

const encoder: Encoder = {
  name: 'test',
  message: (entry) => JSON.stringify({ name: 'message_received', data: entry }),
  event: (name, data) => JSON.stringify({ name, data }),
}

const limits = {
  waitingFrames: 256,
  waitingBytes: 1e6,
  pongWait: 30_000,
  pingPeriod: 27_000,
  stallLimit: 30_000,
}

let connections = 0

/** Whatever follows from what was done has happened: at once in memory, after a while on a server. */
async function settled({ world }: TestCore): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
  if (world.store.traits.durability === 'D0') return
  await new Promise((resolve) => setTimeout(resolve, 25))
  await world.writer.idle()
}

/** Signs somebody in who registered through `core.person`, and connects. */
export async function device(
  core: TestCore,
  userId: string,
  more: Partial<Input<'auth.login'>> = {},
  codec = 'test',
): Promise<Device> {
  const { token, refresh_token: refreshToken = '' } = await core.dispatch(stranger(undefined), 'auth.login', {
    user_id: userId,
    password: `secret of ${userId}`,
    platform_id: 5,
    ...more,
  })
  return connect(core, token, refreshToken, codec)
}

/** Another socket of the same sign-in. */
export async function connect(
  core: TestCore,
  token: string,
  refreshToken = '',
  codec = 'test',
): Promise<Device> {
  const { world, clock } = core
  const { expiresAt, ...who } = await authenticate(world, token)
  const frames: Told[] = []
  let closed = ''
  const session = new Session({
    ...who,
    expiresAt,
    connId: `conn-${connections++}`,
    encoder: { ...encoder, name: codec },
    clock,
    tally: world.tally,
    limits,
    dirty: world.router.dirty,
    link: {
      write: (written) => void frames.push(...written.map((f) => JSON.parse(f as string) as Told)),
      close: (code, reason) => {
        closed = `${code} ${reason}`
      },
      ping: () => undefined,
      buffered: 0,
    },
  })
  world.presence.add(session)
  return {
    caller: { ...who, session },
    session,
    token,
    refreshToken,
    heard: async () => {
      await settled(core)
      return frames.splice(0)
    },
    closed: () => closed,
    leave: () => {
      session.closed = true
      world.presence.remove(session)
    },
  }
}
