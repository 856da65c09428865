import { digits, digitsOf, readNumber, writeDigits } from '../../wire/digits.ts'
import { FieldFinder } from '../../wire/field-finder.ts'
import type { SendTemplate } from '../../wire/send-template.ts'
import { carrying } from '../wire/cutter.ts'
import { Lane, type LaneAddress, textOf } from '../wire/lane.ts'
import { cutOperations, isMessage, lineEnd } from '../wire/operations.ts'
import { type Dialect, type NatsSpeech, partnerOf, type Sink } from './dialect.ts'

const openedAtOnce = 64
const room = 'room'

/** Subject of what is written to this client, below what the stream keeps. */
function natsSubject(index: number): string {
  return `pair.${index}`
}

export interface NatsUser extends LaneAddress {
  readonly user: string
  readonly password: string
}

/** A connection that the server has let in. Rejects with what it said instead. */
export async function connectNats(to: NatsUser, index: number, shared: Uint8Array): Promise<Lane> {
  const lane = new Lane(index, to, carrying(cutOperations), shared)
  try {
    await lane.until((unit) => unit.startsWith('INFO '))
    const options = { verbose: false, pedantic: false, user: to.user, pass: to.password }
    lane.write(`CONNECT ${JSON.stringify(options)}\r\n`)
    await flushed(lane)
    return lane
  } catch (error) {
    lane.close()
    throw error
  }
}

/** Resolves when the server has taken everything written so far. */
export async function flushed(lane: Lane): Promise<void> {
  lane.write('PING\r\n')
  const answer = await lane.until((unit) => unit.startsWith('PONG') || unit.startsWith('-ERR'))
  if (answer.startsWith('-ERR')) throw new Error(`NATS: ${answer.trim()}`)
}

/** In a room nobody is confirmed anything; for pairs the stream's answer to a publication is the confirmation. */
export function natsDialect(speech: NatsSpeech, shared: Uint8Array): Dialect {
  const isPairs = speech.to === 'pairs'
  return {
    openedAtOnce,
    acks: isPairs,
    open: async (index) => {
      const lane = await connectNats(speech, index, shared)
      lane.write(isPairs ? `SUB back.${index}.* 1\r\nSUB ${natsSubject(index)} 2\r\n` : `SUB ${room} 2\r\n`)
      await flushed(lane)
      return lane
    },
    serve,
    template: (index) =>
      isPairs
        ? publication(natsSubject(partnerOf(index)), speech.text, `back.${index}.`)
        : publication(room, speech.text),
  }
}

/** A PUB whose payload begins with the message's number; the subject for its answer ends with it. */
export function publication(subject: string, text: string, back?: string): SendTemplate {
  const reply = back === undefined ? '' : `${back}${digitsOf(0)} `
  const line = `PUB ${subject} ${reply}${Buffer.byteLength(text) + digits}\r\n`
  const replyAt = `PUB ${subject} `.length + (back?.length ?? 0)
  return {
    frame: Buffer.from(`${line}${digitsOf(0)}${text}\r\n`),
    stamp: (copy, at, n) => {
      if (back !== undefined) writeDigits(copy, at + replyAt, n)
      writeDigits(copy, at + line.length, n)
    },
  }
}

const letterB = 0x62

function serve(lane: Lane, sink: Sink): void {
  const kept = new FieldFinder('"seq":')
  const subjectAt = 'MSG '.length
  lane.serve({
    readBegin: () => sink.readBegin(),
    unit: (bytes, start, end) => {
      if (!isMessage(bytes, start)) {
        const line = textOf(bytes, start, end)
        if (line.startsWith('PING')) lane.write('PONG\r\n')
        else if (!line.startsWith('PONG')) sink.broken(lane, line)
        return
      }
      const payload = lineEnd(bytes, start, end)
      // `room` and `pair.…` carry messages, `back.…` the stream's answers.
      if (bytes[start + subjectAt] !== letterB)
        return sink.pushed(lane, readNumber(bytes, payload, payload + digits))
      const numberAt = start + subjectAt + `back.${lane.index}.`.length
      if (kept.find(bytes, payload, end) < 0) return sink.broken(lane, textOf(bytes, start, end))
      sink.acked(lane, readNumber(bytes, numberAt, numberAt + digits))
    },
    readEnd: () => sink.readEnd(lane),
    lost: (reason) => sink.lost(lane, reason),
  })
}
