import { apart, type Case, request, type Step, write } from './conformance-case.ts'
import { fragmented, frameBytes } from './frame-writer.ts'

const text = 1
const binary = 2
const ping = 9
const pong = 10

/** Groups 1 to 5 of the suite: framing, pings, reserved bits, opcodes, fragments. */
export function framingCases(): Case[] {
  return [...groupOne(), ...groupTwo(), ...groupThree(), ...groupFour(), ...groupFive()]
}

/** Lengths around each change of the length field. */
function groupOne(): Case[] {
  const lengths = [0, 125, 126, 127, 128, 65_535, 65_536]
  return [false, true].flatMap((isBinary) => {
    const opcode = isBinary ? binary : text
    const kind = isBinary ? 2 : 1
    const mark = isBinary ? { binary: true } : {}
    const whole = lengths.map((length, i): Case => {
      const id = `1.${kind}.${i + 1}`
      // The shortest request has more bytes than nothing: nothing is answered, but as no request.
      if (length === 0) return { id, ...mark, send: write(frameBytes({ opcode })), refusals: 1 }
      const large = length > 51_200 ? { large: true } : {}
      return {
        id,
        ...mark,
        ...large,
        send: write(frameBytes({ opcode, payload: request(id, length) })),
        echoes: [id],
      }
    })
    const id = `1.${kind}.8`
    const bytes = frameBytes({ opcode, payload: request(id, 65_536) })
    return [...whole, { id, ...mark, large: true, send: [{ bytes, chop: 997 }], echoes: [id] }]
  })
}

function groupTwo(): Case[] {
  const of = (payload: Buffer | string): Buffer => frameBytes({ opcode: ping, payload })
  const pieces = (payload: Buffer | string): Step[] => [{ bytes: of(payload), chop: 1 }]
  const ten = Array.from({ length: 10 }, (_, i) => `payload-${i}`)
  const bytes = Buffer.from([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff])
  const most = Buffer.alloc(125, 0xfe)
  return [
    { id: '2.1', send: write(of('')), pongs: [''] },
    { id: '2.2', send: write(of('Hello, world!')), pongs: ['Hello, world!'] },
    { id: '2.3', send: write(of(bytes)), pongs: [bytes] },
    { id: '2.4', send: write(of(most)), pongs: [most] },
    { id: '2.5', send: write(of(Buffer.alloc(126, 0xfe))), close: [1002] },
    { id: '2.6', send: pieces(most), pongs: [most] },
    { id: '2.7', send: write(frameBytes({ opcode: pong })) },
    { id: '2.8', send: write(frameBytes({ opcode: pong, payload: 'unsolicited pong payload' })) },
    {
      id: '2.9',
      send: write(frameBytes({ opcode: pong, payload: 'unsolicited' }), of('ping payload')),
      pongs: ['ping payload'],
    },
    { id: '2.10', send: write(...ten.map(of)), pongs: ten },
    { id: '2.11', send: [{ bytes: Buffer.concat(ten.map(of)), chop: 1 }], pongs: ten },
  ]
}

function groupThree(): Case[] {
  const hello = (rsv: number): Buffer => frameBytes({ opcode: text, payload: request('bad'), rsv })
  const good = (id: string): Buffer => frameBytes({ opcode: text, payload: request(id) })
  const after = frameBytes({ opcode: ping })
  const behind = (id: string, rsv: number): Buffer => Buffer.concat([good(id), hello(rsv), after])
  const close = [1002]
  return [
    { id: '3.1', send: write(hello(1)), close },
    { id: '3.2', send: write(behind('3.2', 2)), echoes: ['3.2'], mayLack: true, close },
    { id: '3.3', send: apart(good('3.3'), hello(3), after), echoes: ['3.3'], mayLack: true, close },
    { id: '3.4', send: [{ bytes: behind('3.4', 4), chop: 1 }], echoes: ['3.4'], mayLack: true, close },
    { id: '3.5', send: write(frameBytes({ opcode: binary, payload: Buffer.alloc(8, 0xff), rsv: 5 })), close },
    { id: '3.6', send: write(frameBytes({ opcode: ping, payload: 'Hello', rsv: 6 })), close },
    { id: '3.7', send: write(frameBytes({ opcode: 8, rsv: 7 })), close },
  ]
}

function groupFour(): Case[] {
  const after = frameBytes({ opcode: ping })
  return [
    ...[3, 4, 5, 6, 7].map((opcode, i) => reserved(`4.1.${i + 1}`, opcode, i)),
    ...[11, 12, 13, 14, 15].map((opcode, i) => reserved(`4.2.${i + 1}`, opcode, i)),
  ]

  function reserved(id: string, opcode: number, variant: number): Case {
    const payload = variant === 0 ? '' : 'reserved opcode payload'
    const bad = frameBytes({ opcode, payload })
    if (variant < 2) return { id, send: write(bad), close: [1002] }
    const good = frameBytes({ opcode: text, payload: request(id) })
    const send =
      variant === 4 ? [{ bytes: Buffer.concat([good, bad, after]), chop: 1 }] : write(good, bad, after)
    return { id, send, echoes: [id], mayLack: true, close: [1002] }
  }
}

function groupFive(): Case[] {
  const two = (id: string): Buffer[] => fragmented(text, request(id), [20])
  const middle = (id: string, frame: Buffer): Buffer[] => {
    const [first, last] = two(id) as [Buffer, Buffer]
    return [first, frame, last]
  }
  const note = frameBytes({ opcode: ping, payload: 'ping payload' })
  const five = (id: string): Buffer[] => fragmented(text, request(id), [10, 10, 10, 10])
  const loose = (fin: boolean): Buffer => frameBytes({ opcode: 0, payload: 'non-continuation payload', fin })
  const bytewise = (frames: readonly Buffer[]): Step[] => [{ bytes: Buffer.concat(frames), chop: 1 }]
  const close = [1002]
  const pongs = ['ping payload']
  const good = (id: string): Buffer => frameBytes({ opcode: text, payload: request(id) })
  const echo = (id: string, send: Step[]): Case => ({ id, send, echoes: [id] })
  const pinged = (id: string, send: Step[]): Case => ({ id, send, echoes: [id], pongs })
  const twoPings = (id: string): Buffer[] => {
    const [a, b, c, d, e] = five(id) as [Buffer, Buffer, Buffer, Buffer, Buffer]
    return [a, b, note, c, d, note, e]
  }
  const broken = (id: string, frames: readonly Buffer[], chop?: number): Case => {
    const step = { bytes: Buffer.concat([...frames, good(id)]), ...(chop !== undefined && { chop }) }
    return { id, send: [step], close }
  }
  const opened = (id: string): Buffer => fragmented(text, request(id), [20])[0] as Buffer
  return [
    { id: '5.1', send: write(...fragmented(ping, Buffer.from('fragment1fragment2'), [9])), close },
    { id: '5.2', send: write(...fragmented(pong, Buffer.from('fragment1fragment2'), [9])), close },
    echo('5.3', write(...two('5.3'))),
    echo('5.4', apart(...two('5.4'))),
    echo('5.5', bytewise(two('5.5'))),
    pinged('5.6', write(...middle('5.6', note))),
    pinged('5.7', apart(...middle('5.7', note))),
    pinged('5.8', bytewise(middle('5.8', note))),
    broken('5.9', [loose(true)]),
    broken('5.10', [loose(true)], 3000),
    broken('5.11', [loose(true)], 1),
    broken('5.12', [loose(false)]),
    broken('5.13', [loose(false)], 3000),
    broken('5.14', [loose(false)], 1),
    // A message, then a loose continuation, then the beginning of another.
    {
      id: '5.15',
      send: write(...two('5.15'), loose(false), opened('x')),
      echoes: ['5.15'],
      mayLack: true,
      close,
    },
    broken('5.16', [loose(false), opened('x'), loose(true)]),
    broken('5.17', [loose(true), opened('x'), loose(true)]),
    { id: '5.18', send: write(opened('x'), frameBytes({ opcode: text, payload: 'fragment2' })), close },
    { ...echo('5.19', apart(...twoPings('5.19'))), pongs: [...pongs, ...pongs] },
    { ...echo('5.20', bytewise(twoPings('5.20'))), pongs: [...pongs, ...pongs] },
  ]
}
