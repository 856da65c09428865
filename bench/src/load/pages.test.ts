import { expect, test } from 'vitest'
import { type PageWish, pageFault } from './pages.ts'

const wish: PageWish = {
  conversation: 'si_ann:bob',
  from: 41,
  count: 3,
  text: 'the words',
  expected: (seq) => ({ clientId: `c${seq}`, serverId: seq * 10 }),
}

const message = (seq: number): object => ({
  seq,
  conversation_id: 'si_ann:bob',
  server_msg_id: seq * 10,
  client_msg_id: `c${seq}`,
  content: { text: { text: 'the words' } },
})

const faultOf = (messages: readonly object[]): string | undefined =>
  pageFault(Buffer.from(JSON.stringify({ req_identifier: 1005, data: { messages, max_seq: 99 } })), wish)

const page = [message(41), message(42), message(43)]

test('a page with every message in its place is right', () => {
  expect(faultOf(page)).toBeUndefined()
})

const wrong: readonly (readonly [string, readonly object[], string])[] = [
  ['a message too few', page.slice(0, 2), 'seq 43'],
  ['a message too many', [...page, message(44)], 'more messages'],
  ['two that changed places', [message(41), message(43), message(42)], 'seq 42'],
  ['a seq twice', [message(41), message(41), message(43)], 'seq 42'],
  ['another server id', [message(41), { ...message(42), server_msg_id: 7 }, message(43)], 'id 420'],
  ['another client id', [message(41), { ...message(42), client_msg_id: 'c43' }, message(43)], 'c42'],
  ['another text', [message(41), { ...message(42), content: { text: { text: 'no' } } }, message(43)], 'text'],
  ['an error', [], 'seq 41'],
]

for (const [what, messages, named] of wrong) {
  test(`a page with ${what} is wrong`, () => {
    expect(faultOf(messages)).toContain(named)
  })
}
