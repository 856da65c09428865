import { expect, test } from 'vitest'
import { streamIsGapless } from './changes.ts'
import type { Event } from './history.ts'
import type { ChangeSeen, Standing } from './side-history.ts'
import { buildWorld } from './world.ts'

const common = { t_invoke: 1, t_return: 2, client: 'ann' } as const
const row = (conversation_id: string, max_seq: number): Standing => {
  return { conversation_id, max_seq, read_seq: 0, unread_count: max_seq, min_seq: 1 }
}
const change = (position: number, id: string, max: number): ChangeSeen => {
  return { position, conversation: row(id, max) }
}
const member = (position: number, is_in: boolean): ChangeSeen => {
  return { position, member: { conversation_id: 'sg_1', is_in } }
}

function list(when: 'first' | 'final', ...conversations: readonly Standing[]): Event {
  return { ...common, op: 'list', args: { when }, result: { conversations } }
}

function page(
  chain: 'kept' | 'whole',
  from: number | undefined,
  to: number,
  ...changes: readonly ChangeSeen[]
): Event {
  const args = { chain, ...(from !== undefined && { position: String(from) }) }
  const result = { outcome: 'ok' as const, position: String(to), has_more: false, changes }
  return { ...common, op: 'sync', args, result }
}

function members(...users: readonly string[]): Event {
  return { ...common, client: 'host', op: 'members', args: { conversation_id: 'sg_1' }, result: { users } }
}

const faults = (...events: readonly Event[]): string[] => {
  const found: string[] = []
  streamIsGapless.check(buildWorld(events), (text) => void found.push(text))
  return found
}

const begun = [page('kept', undefined, 10), list('first', row('a', 1))]
const final = list('final', row('a', 3), row('b', 2))
const whole = page('whole', 0, 20, change(8, 'b', 2), change(9, 'a', 3))

test('a device that applies changes from 0, or from a position, ends with the list', () => {
  const events = [
    ...begun,
    page('kept', 10, 12, change(11, 'b', 2)),
    page('kept', 12, 20, change(13, 'a', 3)),
  ]
  expect(faults(...events, whole, final)).toEqual([])
  expect(streamIsGapless.check(buildWorld([...events, whole, final]), () => undefined)).toBe(4)
})

test('a change that the stream leaves out is caught, in either chain', () => {
  expect(faults(...begun, page('kept', 10, 20, change(11, 'b', 2)), whole, final)).toEqual([
    expect.stringContaining('a has max_seq 1, in the list it is 3'),
  ])
  expect(faults(page('whole', 0, 20, change(9, 'a', 3)), final)).toEqual([
    expect.stringContaining('it never told of b'),
  ])
})

test('a conversation that no list has is caught', () => {
  const extra = page('whole', 0, 20, change(8, 'b', 2), change(9, 'a', 3), change(9, 'c', 1))
  expect(faults(extra, final)).toHaveLength(1)
})

test('positions that do not rise are caught', () => {
  const [b, a] = [change(8, 'b', 2), change(9, 'a', 3)]
  expect(faults(page('whole', 0, 20, a, b), final)).toHaveLength(1)
  expect(faults(page('whole', 0, 8, b, a), final)).toHaveLength(1)
  expect(faults(page('whole', 9, 20, b, a), final)).toHaveLength(2)
})

test('a page that does not begin where the one before it ended is caught', () => {
  const gap = [page('whole', 0, 8, change(8, 'b', 2)), page('whole', 9, 20, change(10, 'a', 3))]
  expect(faults(...gap, final)).toHaveLength(1)
})

test('a position that was given and is refused later is caught; no answer is none', () => {
  const failed = (code: number): Event => ({
    ...{ ...common, op: 'sync', args: { chain: 'kept', position: '12' } },
    result: { outcome: 'fail', code },
  })
  const rest = page('kept', 10, 20, change(11, 'b', 2), change(13, 'a', 3))
  expect(faults(...begun, failed(1001), rest, final)).toHaveLength(1)
  expect(faults(...begun, failed(-1), rest, final)).toEqual([])
})

test('a chain for which no list was made in the beginning is not looked at', () => {
  expect(faults(page('kept', undefined, 10), whole, final)).toEqual([])
})

test('a membership that differs from the members at the end is caught', () => {
  const page1 = (isIn: boolean): Event =>
    page('whole', 0, 20, change(8, 'b', 2), change(9, 'a', 3), member(10, isIn))
  expect(faults(page1(true), final, members('host', 'ann'))).toEqual([])
  expect(faults(page1(true), final, members('host'))).toHaveLength(1)
  expect(faults(page1(false), final, members('host', 'ann'))).toHaveLength(1)
})
