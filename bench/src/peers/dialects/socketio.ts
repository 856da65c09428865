import { digits, digitsOf, readNumber, writeDigits } from '../../wire/digits.ts'
import { FieldFinder } from '../../wire/field-finder.ts'
import { headerLength, mask, maskedFrame, opcodes } from '../../wire/masked-frame.ts'
import type { SendTemplate } from '../../wire/send-template.ts'
import { Lane, textOf } from '../wire/lane.ts'
import { upgradeRequest, webSocketCutter } from '../wire/websocket.ts'
import type { Dialect, Sink, SocketIoSpeech } from './dialect.ts'

const openedAtOnce = 64

function frameOf(text: string): Buffer {
  return maskedFrame(Buffer.from(text), opcodes.text)
}

/** Engine.IO 4 over a WebSocket from the start, Socket.IO 5 in it; acks are those of its `emit` with a callback. */
export function socketIoDialect(speech: SocketIoSpeech, shared: Uint8Array): Dialect {
  return {
    openedAtOnce,
    acks: true,
    open: async (index) => {
      const lane = new Lane(index, speech, webSocketCutter(), shared)
      try {
        lane.write(upgradeRequest(`${speech.host}:${speech.port}`, '/socket.io/?EIO=4&transport=websocket'))
        const head = await lane.next()
        if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`the upgrade was refused: ${head}`)
        await lane.until((unit) => unit.startsWith('0{'))
        lane.socket.write(frameOf('40'))
        await lane.until((unit) => unit.startsWith('40{'))
        return lane
      } catch (error) {
        lane.close()
        throw error
      }
    },
    serve,
    template: () => eventTemplate(speech.text),
  }
}

/** An event whose ack id and `id` are the message's number. */
export function eventTemplate(text: string): SendTemplate {
  const head = '42'
  const middle = `${head}${digitsOf(0)}["msg",{"id":"`
  const payload = Buffer.from(`${middle}${digitsOf(0)}","text":${JSON.stringify(text)}}]`)
  const start = headerLength(payload.length)
  const plain = new Uint8Array(digits)
  return {
    frame: maskedFrame(payload, opcodes.text),
    stamp: (copy, at, n) => {
      writeDigits(plain, 0, n)
      for (const place of [head.length, middle.length])
        for (let i = 0; i < digits; i++)
          copy[at + start + place + i] = (plain[i] as number) ^ (mask[(place + i) & 3] as number)
    },
  }
}

const zero = 0x30
const [ping, message] = [zero + 2, zero + 4]
const [event, ack] = [zero + 2, zero + 3]

function serve(lane: Lane, sink: Sink): void {
  const id = new FieldFinder('{"id":"')
  lane.serve({
    readBegin: () => sink.readBegin(),
    unit: (bytes, start, end) => {
      const [engine, kind] = [bytes[start], bytes[start + 1]]
      if (engine === ping) lane.socket.write(frameOf('3'))
      else if (engine !== message) sink.broken(lane, textOf(bytes, start, end))
      else if (kind === event) sink.pushed(lane, readNumber(bytes, id.find(bytes, start, end), end))
      else if (kind === ack) sink.acked(lane, readNumber(bytes, start + 2, end))
      else sink.broken(lane, textOf(bytes, start, end))
    },
    readEnd: () => sink.readEnd(lane),
    lost: (reason) => sink.lost(lane, reason),
  })
}
