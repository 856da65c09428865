import { type Case, request, type Step, write } from './conformance-case.ts'
import { fragmented, frameBytes } from './frame-writer.ts'

const text = 1
const binary = 2
const kibibyte = 1024
const mebibyte = 1024 * kibibyte

/** Groups 9 and 10: large messages, whole, in fragments and in small writes; and our own limit. */
export function sizeCases(): Case[] {
  return [...wholes(), ...pieces(), ...writes(), ...echoes(), ...fragments(), ...limits()]
}

const shown = (kind: number): Pick<Case, 'large' | 'binary'> => ({
  large: true,
  ...(kind === binary && { binary: true }),
})

function wholes(): Case[] {
  const sizes = [64 * kibibyte, 256 * kibibyte, mebibyte, 4 * mebibyte, 8 * mebibyte, 16 * mebibyte]
  return [text, binary].flatMap((kind) =>
    sizes.map((size, i): Case => {
      const id = `9.${kind}.${i + 1}`
      return {
        id,
        ...shown(kind),
        send: write(frameBytes({ opcode: kind, payload: request(id, size) })),
        echoes: [id],
      }
    }),
  )
}

/** 4 MiB in fragments of 64 bytes to 4 MiB. */
function pieces(): Case[] {
  const size = 4 * mebibyte
  // 64-byte pieces would be 65,536 fragments, four times of what one message may have: that is refused, on purpose.
  const lengths = [
    64,
    256,
    kibibyte,
    4 * kibibyte,
    16 * kibibyte,
    64 * kibibyte,
    256 * kibibyte,
    mebibyte,
    size,
  ]
  return [text, binary].flatMap((kind) =>
    lengths.map((length, i): Case => {
      const id = `9.${kind + 2}.${i + 1}`
      const cuts = Array.from({ length: size / length - 1 }, () => length)
      const send = write(...fragmented(kind, request(id, size), cuts))
      if (length < 256) return { id, ...shown(kind), send, close: [1008] }
      return { id, ...shown(kind), send, echoes: [id] }
    }),
  )
}

/** 1 MiB in writes of 64 bytes to 2 KiB. */
function writes(): Case[] {
  const chops = [64, 128, 256, 512, kibibyte, 2 * kibibyte]
  return [text, binary].flatMap((kind) =>
    chops.map((chop, i): Case => {
      const id = `9.${kind + 4}.${i + 1}`
      const send: Step[] = [{ bytes: frameBytes({ opcode: kind, payload: request(id, mebibyte) }), chop }]
      return { id, ...shown(kind), send, echoes: [id] }
    }),
  )
}

/** 100 messages in one go, which a client would have sent one by one. */
function echoes(): Case[] {
  const sizes = [0, 16, 64, 256, kibibyte, 4 * kibibyte]
  return [text, binary].flatMap((kind) =>
    sizes.map((size, i): Case => {
      const id = `9.${kind + 6}.${i + 1}`
      const names = Array.from({ length: 100 }, (_, n) => `${id} ${n}`)
      const frames = names.map((name) => frameBytes({ opcode: kind, payload: request(name, size) }))
      return { id, ...(kind === binary && { binary: true }), send: write(...frames), echoes: names }
    }),
  )
}

function fragments(): Case[] {
  const payload = request('10.1.1', 65_536)
  const cuts = Array.from({ length: Math.floor(65_536 / 1300) }, () => 1300)
  return [{ id: '10.1.1', large: true, send: write(...fragmented(text, payload, cuts)), echoes: ['10.1.1'] }]
}

/** Group L is our own: the shipped limit of 51,200 bytes, to the byte. */
function limits(): Case[] {
  const limit = 51_200
  const whole = (id: string, size: number): Buffer => frameBytes({ opcode: text, payload: request(id, size) })
  const half = (size: number, id: string): Buffer[] => fragmented(text, request(id, size), [limit / 2])
  return [
    { id: 'L.1', send: write(whole('L.1', limit)), echoes: ['L.1'] },
    { id: 'L.2', send: write(whole('L.2', limit + 1)), close: [1009] },
    { id: 'L.3', send: write(...half(limit, 'L.3')), echoes: ['L.3'] },
    { id: 'L.4', send: write(...half(limit + 1, 'L.4')), close: [1009] },
    { id: 'L.5', send: write(frameBytes({ opcode: text, payload: 'x', claims: 2n ** 62n })), close: [1009] },
    {
      id: 'L.6',
      send: write(frameBytes({ opcode: text, payload: 'x', claims: 2n ** 63n })),
      close: [1002, 1009],
    },
  ]
}
