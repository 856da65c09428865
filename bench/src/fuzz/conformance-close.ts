import { apart, type Case, request, write } from './conformance-case.ts'
import { closePayload, fragmented, frameBytes } from './frame-writer.ts'

const text = 1

const close = (code?: number, reason: Buffer | string = ''): Buffer =>
  frameBytes({ opcode: 8, payload: code === undefined ? '' : closePayload(code, reason) })
const good = (id: string): Buffer => frameBytes({ opcode: text, payload: request(id) })

/** Group 7: who closes, with which codes and reasons, and what comes after it is not heard. */
export function closeCases(): Case[] {
  return [...handshakes(), ...payloads(), ...codes()]
}

function handshakes(): Case[] {
  const ping = frameBytes({ opcode: 9, payload: 'too late' })
  const [first, last] = fragmented(text, request('7.1.5'), [20]) as [Buffer, Buffer]
  return [
    { id: '7.1.1', send: apart(good('7.1.1'), close(1000)), echoes: ['7.1.1'], mayLack: true, close: [1000] },
    { id: '7.1.2', send: write(close(1000), close(1000)), close: [1000] },
    { id: '7.1.3', send: write(close(1000), ping), close: [1000] },
    { id: '7.1.4', send: write(close(1000), good('7.1.4')), close: [1000] },
    { id: '7.1.5', send: write(first, close(1000), last), close: [1000] },
    {
      id: '7.1.6',
      large: true,
      send: write(
        frameBytes({ opcode: text, payload: request('7.1.6', 262_144) }),
        good('b'),
        close(1000),
        ping,
      ),
      echoes: ['7.1.6', 'b'],
      mayLack: true,
      close: [1000],
    },
  ]
}

function payloads(): Case[] {
  const reason = 'Hello World!'
  const most = '*'.repeat(123)
  return [
    { id: '7.3.1', send: write(close()), close: [1005] },
    { id: '7.3.2', send: write(frameBytes({ opcode: 8, payload: Buffer.from([0x61]) })), close: [1002] },
    { id: '7.3.3', send: write(close(1000)), close: [1000] },
    { id: '7.3.4', send: write(close(1000, reason)), close: [1000] },
    { id: '7.3.5', send: write(close(1000, most)), close: [1000] },
    { id: '7.3.6', send: write(close(1000, `${most}*`)), close: [1002] },
    {
      id: '7.5.1',
      send: write(close(1000, Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex'))),
      close: [1007],
    },
  ]
}

function codes(): Case[] {
  const valid = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
  const wrong = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999]
  const never = [5000, 65_535]
  const of = (group: string, list: readonly number[], answer: (code: number) => number): Case[] =>
    list.map((code, i) => ({ id: `${group}.${i + 1}`, send: write(close(code)), close: [answer(code)] }))
  return [
    ...of('7.7', valid, (code) => code),
    ...of('7.9', wrong, () => 1002),
    ...of('7.13', never, () => 1002),
  ]
}
