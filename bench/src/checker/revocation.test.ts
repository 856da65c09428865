import { expect, test } from 'vitest'
import type { Event } from './history.ts'
import { revokedIsSilent } from './revocation.ts'
import type { Revoke } from './side-history.ts'
import { buildWorld } from './world.ts'

const second = 1_000_000
const at = (seconds: number): { t_invoke: number; t_return: number; client: string } => {
  return { t_invoke: seconds * second, t_return: seconds * second, client: 'gus' }
}
const opened = (seconds: number, conn: string, session: number): Event => {
  return { ...at(seconds), op: 'connect', args: { conn, session }, result: { outcome: 'ok' } }
}
const closed = (seconds: number, conn: string): Event => {
  return { ...at(seconds), op: 'close', args: { conn, code: 4401 }, result: null }
}
const pushed = (seconds: number, conn: string): Event => {
  return { ...at(seconds), op: 'push', args: { conn }, result: { resync: {} } }
}
const revoked = (seconds: number, session: number, outcome: Revoke['result']['outcome'] = 'ok'): Event => {
  return {
    ...at(seconds),
    op: 'revoke',
    args: { session, how: 'others', within_ms: 2000 },
    result: { outcome },
  }
}
const probed = (seconds: number, outcome: 'served' | 'refused' | 'unknown'): Event => {
  return { ...at(seconds), op: 'probe', args: { session: 0 }, result: { outcome } }
}
const through = (seconds: number): Event => {
  const result = { planned: 0, acked: 0, refused: 0, unknown: 0 }
  return { ...at(seconds), op: 'plan', args: { conversations: [] }, result }
}

const faults = (...events: readonly Event[]): string[] => {
  const found: string[] = []
  revokedIsSilent.check(buildWorld(events), (text) => void found.push(text))
  return found
}

/** Ended at 10: all must be silent from 12 on. */
const fine = [opened(1, 'a', 0), pushed(9, 'a'), revoked(10, 0), closed(10.1, 'a'), opened(10.5, 'b', 1)]
const rest = [pushed(20, 'b'), probed(10.2, 'refused'), through(60)]

test('a sign-in whose socket closes and whose token is refused is silent, and the next one is served', () => {
  expect(faults(...fine, ...rest)).toEqual([])
  expect(revokedIsSilent.check(buildWorld([...fine, ...rest]), () => undefined)).toBe(2)
})

test('a push after the time is over is caught, one before it is fine', () => {
  const open = [opened(1, 'a', 0), revoked(10, 0), closed(11.9, 'a'), through(60)]
  expect(faults(...open, pushed(11.5, 'a'))).toEqual([])
  expect(faults(...open, pushed(12.5, 'a'))).toHaveLength(1)
})

test('a socket that stays open is caught, whether it closes late or never', () => {
  expect(faults(opened(1, 'a', 0), revoked(10, 0), closed(13, 'a'), through(60))).toHaveLength(1)
  expect(faults(opened(1, 'a', 0), revoked(10, 0), through(60))).toHaveLength(1)
})

test('a socket that was still open when its client was through in time proves nothing', () => {
  expect(faults(opened(1, 'a', 0), revoked(10, 0), through(11))).toEqual([])
})

test('a socket that is opened with the token after the time is over is caught', () => {
  expect(faults(revoked(10, 0), opened(13, 'a', 0), closed(13.1, 'a'), through(60))).not.toEqual([])
})

test('a token that still works is caught at once', () => {
  expect(faults(...fine, through(60), probed(10.2, 'served'))).toHaveLength(1)
  expect(faults(...fine, through(60), probed(9, 'served'))).toEqual([])
})

test('where ending it was refused, or nobody knows, nothing is asked of the server', () => {
  for (const outcome of ['fail', 'unknown'] as const) {
    const events = [opened(1, 'a', 0), revoked(10, 0, outcome), pushed(30, 'a'), probed(30, 'served')]
    expect(faults(...events, through(60))).toEqual([])
  }
})
