import { expect, test } from 'vitest'
import { carrying } from './cutter.ts'
import { attributeOf, cutStanzas, escapeXml } from './stanzas.ts'

const header = `<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='7' from='localhost'>`
const features = `<stream:features><mechanisms xmlns='m'><mechanism>PLAIN</mechanism></mechanisms></stream:features>`
const message = `<message id='1' from='u0@localhost/x'><body>a &lt; b</body><x note="a > b, 'c'" y='"/>'/></message>`
const request = `<r xmlns='urn:xmpp:sm:3'/>`
const end = '</stream:stream>'

function unitsOf(parts: readonly string[]): string[] {
  const units: string[] = []
  const cutter = carrying(cutStanzas)
  for (const part of parts) {
    const bytes = Buffer.from(part)
    cutter.push(bytes, bytes.length, (all, from, to) =>
      units.push(Buffer.from(all.subarray(from, to)).toString()),
    )
  }
  return units
}

const stream = `${header}${features}\n ${message}${request}${message}${end}`
const units = [
  `<stream:stream xmlns='jabber:client' id='7' from='localhost'>`,
  features,
  message,
  request,
  message,
  end,
]

test('a stream is cut into its header, its stanzas and its end', () => {
  expect(unitsOf([stream])).toEqual(units)
})

test('wherever a read ends, the stanzas are the same', () => {
  for (let at = 1; at < stream.length; at++)
    expect(unitsOf([stream.slice(0, at), stream.slice(at)]), `cut at ${at}`).toEqual(units)
  expect(unitsOf([...stream])).toEqual(units)
})

test('the bytes of an unfinished stanza survive the read buffer being used again', () => {
  const shared = Buffer.alloc(64)
  const found: string[] = []
  const cutter = carrying(cutStanzas)
  for (const part of [message.slice(0, 40), message.slice(40, 90), message.slice(90)]) {
    shared.fill('<')
    shared.write(part)
    cutter.push(shared, part.length, (all, from, to) =>
      found.push(Buffer.from(all.subarray(from, to)).toString()),
    )
  }
  expect(found).toEqual([message])
})

test('what no XMPP server may send is refused', () => {
  expect(() => unitsOf(['HTTP/1.1 400 Bad Request'])).toThrow('text outside of a stanza')
  expect(() => unitsOf(['<message><!-- hello --></message>'])).toThrow('neither tag nor text')
})

test('an attribute is found by its whole name, in either kind of quotes', () => {
  expect(attributeOf(`<message stanza-id='1' id='2' to="3">`, 'id')).toBe('2')
  expect(attributeOf(`<message stanza-id='1' id='2' to="3">`, 'to')).toBe('3')
  expect(attributeOf(`<message stanza-id='1'>`, 'id')).toBeUndefined()
})

test('text with markup in it can stand between tags', () => {
  expect(unitsOf([`<body>${escapeXml(`<&>'"`)}</body>`])).toEqual(['<body>&lt;&amp;&gt;&apos;&quot;</body>'])
})
