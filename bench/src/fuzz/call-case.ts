import type { Random } from '../random.ts'
import { between, chance, oneOf } from './choice.ts'
import type { Entry, Grammar, Known } from './grammar.ts'
import { hostileValue, twisted } from './hostile.ts'
import { inputOf } from './request-case.ts'
import type { Asked } from './speaker.ts'

/** Bytes of one frame, below the limit: what is above it closes the socket, which is another round's business. */
const largest = 50_000
/** What each costs a password hash, 30 ms by design, or a new one because the sign-in ended. */
const dear = /^(?:auth\.|account\.delete|session\.revoke)/
const dearShare = 0.002
/** Those that sockets without a subprotocol know. */
const classic: ReadonlySet<number> = new Set([1001, 1002, 1003, 1005, 1006])

export type Door = 'nexo.v1' | 'nexo'

/** One request of a socket, sound or bent anywhere between its frame and its smallest value. */
export function callCase(random: Random, door: Door, grammar: Grammar, known: Known): Asked {
  const entry = entryFor(random, door, grammar)
  const json = JSON.stringify(inputOf(random, entry, known))
  const isBent = chance(random, 0.25)
  const data = dataOf(random, door, isBent ? twisted(random, json) : json)
  const incr = `n${between(random, 0, 1e9)}`
  const fields: Record<string, string> = {
    req_identifier: String(entry.frame),
    msg_incr: JSON.stringify(incr),
    operation_id: '"fuzz"',
    send_id: '""',
    data,
  }
  const isMangled = chance(random, 0.12)
  if (isMangled) mangle(random, fields)
  const text = `{${Object.entries(fields)
    .map(([name, value]) => `"${name}":${value}`)
    .join(',')}}`
  const isBroken = chance(random, 0.06)
  const sent = isBroken ? twisted(random, text) : text
  if (Buffer.byteLength(sent) > largest) return callCase(random, door, grammar, known)
  // Broken text may have lost its number on the way.
  const isSound = !isMangled && !isBroken && !isBent
  return { text: sent, incr: isSound ? incr : undefined }
}

function entryFor(random: Random, door: Door, { entries }: Grammar): Entry {
  const mayBeUnknown = chance(random, 0.1)
  const fits = ({ name, frame }: Entry): boolean =>
    frame !== undefined && !dear.test(name) && (door === 'nexo.v1' || mayBeUnknown || classic.has(frame))
  const isDear = chance(random, dearShare)
  const chosen = entries.filter((entry) =>
    isDear ? entry.frame !== undefined && dear.test(entry.name) && entry.name !== 'auth.logout' : fits(entry),
  )
  return oneOf(random, chosen)
}

function dataOf(random: Random, door: Door, json: string): string {
  if (door === 'nexo.v1') return json
  const base64 = Buffer.from(json).toString('base64')
  switch (between(random, 0, 30)) {
    case 0:
      return JSON.stringify(base64.replaceAll('=', ''))
    case 1:
      return JSON.stringify(`${base64.slice(0, between(random, 0, base64.length))}`)
    case 2:
      return JSON.stringify(base64.replaceAll('+', '-').replaceAll('/', '_'))
    case 3:
      return JSON.stringify(`${base64}\n`)
    case 4:
      return JSON.stringify(Buffer.from([0xff, 0xfe, 0xed, 0xa0, 0x80]).toString('base64'))
    case 5:
      return json
    default:
      return JSON.stringify(base64)
  }
}

/** The frame's own fields: none of them may be an event's number, or its answer could not be told from one. */
function mangle(random: Random, fields: Record<string, string>): void {
  const name = oneOf(random, Object.keys(fields))
  if (name === 'req_identifier') {
    fields[name] = oneOf(random, [
      '0',
      '-1',
      '1',
      '1999',
      '4000',
      '1e3',
      '1003.5',
      '"1003"',
      'null',
      '1e400',
      '9007199254740993',
    ])
  } else if (chance(random, 0.3)) {
    delete fields[name]
  } else {
    fields[name] = JSON.stringify(hostileValue(random))
  }
}
