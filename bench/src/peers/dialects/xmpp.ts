import { digitsOf, writeDigits } from '../../wire/digits.ts'
import type { SendTemplate } from '../../wire/send-template.ts'
import { carrying } from '../wire/cutter.ts'
import { Lane, type LaneAddress, textOf } from '../wire/lane.ts'
import { numberOf } from '../wire/number.ts'
import { attributeOf, cutStanzas, escapeXml } from '../wire/stanzas.ts'
import { type Dialect, partnerOf, type Sink, type XmppSpeech } from './dialect.ts'

const acknowledgements = 'urn:xmpp:sm:3'

/** ejabberd's listener has a short queue, and each login is a round trip to the database. */
const openedAtOnce = 16

export interface XmppUser extends LaneAddress {
  readonly domain: string
  readonly name: string
  readonly password: string
}

export function xmppName(index: number): string {
  return `u${index}`
}

/** A signed-in stream with a resource (RFC 6120): PLAIN, bind. Rejects with what the server said instead. */
export async function signIn(user: XmppUser, index: number, shared: Uint8Array): Promise<Lane> {
  const lane = new Lane(index, user, carrying(cutStanzas), shared)
  const header = `<?xml version='1.0'?><stream:stream to='${user.domain}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`
  const isFeatures = (unit: string): boolean => unit.startsWith('<stream:features')
  const secret = Buffer.from(`\0${user.name}\0${user.password}`).toString('base64')
  try {
    lane.write(header)
    await lane.until(isFeatures)
    lane.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${secret}</auth>`)
    const answer = await lane.next()
    if (!answer.startsWith('<success'))
      throw new Error(`${user.name} may not sign in: ${answer.slice(0, 300)}`)
    lane.write(header)
    await lane.until(isFeatures)
    lane.write(
      `<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>bench</resource></bind></iq>`,
    )
    const bound = await lane.until((unit) => unit.startsWith('<iq'))
    if (attributeOf(bound, 'type') !== 'result') throw new Error(`bind: ${bound.slice(0, 300)}`)
    return lane
  } catch (error) {
    lane.close()
    throw error
  }
}

/**
 * Messages between pairs with stream management (XEP-0198): each message is followed by `<r/>`, and the server's
 * `<a h='…'/>` counts what it has handled, which for these servers includes that it was archived.
 */
export function xmppDialect(speech: XmppSpeech, shared: Uint8Array): Dialect {
  const { domain, password } = speech
  return {
    openedAtOnce,
    acks: true,
    open: async (index) => {
      const lane = await signIn({ ...speech, domain, password, name: xmppName(index) }, index, shared)
      lane.write(`<presence/><enable xmlns='${acknowledgements}'/>`)
      const answer = await lane.until((unit) => unit.startsWith('<enabled') || unit.startsWith('<failed'))
      if (answer.startsWith('<failed')) throw new Error(`stream management: ${answer.slice(0, 300)}`)
      return lane
    },
    serve,
    template: (index) => messageTemplate(`${xmppName(partnerOf(index))}@${domain}`, speech.text),
  }
}

/** A message and the request to confirm it, ready but for its number. */
export function messageTemplate(to: string, text: string): SendTemplate {
  const head = `<message to='${to}' type='chat' id='`
  const frame = Buffer.from(
    `${head}${digitsOf(0)}'><body>${escapeXml(text)}</body></message><r xmlns='${acknowledgements}'/>`,
  )
  return { frame, stamp: (copy, at, n) => writeDigits(copy, at + head.length, n) }
}

function serve(lane: Lane, sink: Sink): void {
  /** Of our sends, counted by the server. */
  let confirmed = 0
  /** Stanzas from the server, counted by us. */
  let handled = 0
  let isAsked = false
  lane.serve({
    readBegin: () => sink.readBegin(),
    unit: (bytes, start, end) => {
      const tag = startTag(bytes, start, end)
      if (tag.startsWith('<a ')) {
        for (const until = Number(attributeOf(tag, 'h')); confirmed < until; confirmed++)
          sink.acked(lane, lane.sent[confirmed] ?? -1)
        return
      }
      if (tag.startsWith('<r ')) {
        isAsked = true
        return
      }
      handled += 1
      if (tag.startsWith('<message') && attributeOf(tag, 'type') === 'chat')
        return sink.pushed(lane, numberOf(attributeOf(tag, 'id')))
      // One's own presence comes back; nothing else may.
      if (!tag.startsWith('<presence')) sink.broken(lane, textOf(bytes, start, end))
    },
    readEnd: () => {
      // The answer that the server wants and our next messages leave in one write.
      lane.socket.cork()
      if (isAsked) lane.write(`<a xmlns='${acknowledgements}' h='${handled}'/>`)
      isAsked = false
      sink.readEnd(lane)
      lane.socket.uncork()
    },
    lost: (reason) => sink.lost(lane, reason),
  })
}

const gt = 0x3e

function startTag(bytes: Uint8Array, start: number, end: number): string {
  let at = start
  while (at < end && bytes[at] !== gt) at += 1
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, at + 1 - start).toString('latin1')
}
