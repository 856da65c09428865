import { expect, test } from 'vitest'
import { archivedIn, nextIn } from './mam.ts'

const result = `<message to='u0@localhost/bench' from='u0@localhost'><result xmlns='urn:xmpp:mam:2' id='1700000000000001'><forwarded xmlns='urn:xmpp:forward:0'><message xml:lang='en' to='u1@localhost' from='u0@localhost/bench' type='chat' id='000000000042' xmlns='jabber:client'><body>some words</body></message><delay stamp='2026-01-01T00:00:00Z' xmlns='urn:xmpp:delay'/></forwarded></result></message>`

test('the message in an archive result is read: number, sender, text', () => {
  expect(archivedIn(result)).toEqual({ n: 42, sender: 0, text: 'some words' })
})

test('a message of somebody else is known as such', () => {
  const other = result.replace(`from='u0@localhost/bench'`, `from='admin@localhost/x'`)
  expect(archivedIn(other.replace('000000000042', 'abc'))).toEqual({ n: -1, sender: -1, text: 'some words' })
})

test('a page tells what it ended with, the last page nothing', () => {
  const set = `<set xmlns='http://jabber.org/protocol/rsm'><first>1</first><last>2</last></set>`
  expect(nextIn(`<iq type='result'><fin xmlns='urn:xmpp:mam:2'>${set}</fin></iq>`)).toBe('2')
  expect(
    nextIn(`<iq type='result'><fin xmlns='urn:xmpp:mam:2' complete='true'>${set}</fin></iq>`),
  ).toBeUndefined()
})

test('an error in place of a page is not taken for its end', () => {
  expect(() => nextIn(`<iq type='error'><error type='cancel'/></iq>`)).toThrow('the archive says')
  expect(() => nextIn(`<iq type='result'><fin xmlns='urn:xmpp:mam:2'/></iq>`)).toThrow('how to go on')
})
