import { answerReader } from '../wire/answer-reader.ts'
import { Link, type LinkAddress, readBuffer } from '../wire/link.ts'
import { sendTemplate, type Target } from '../wire/send-template.ts'

/** Connects and sends one message; resolves with the seq it was acked with. */
export async function firstAck(
  address: LinkAddress,
  target: Target,
  text: string,
  number: number,
): Promise<{ readonly seq: number }> {
  const acked = Promise.withResolvers<number>()
  // Whoever waits for the opening is told by it; a failure later is told by this one.
  acked.promise.catch(() => undefined)
  const fail = (why: string): void => acked.reject(new Error(why))
  const reader = answerReader<Link>('nexo.v1')
  const sink = {
    acked: (_: Link, __: number, seq: number) => acked.resolve(seq),
    refused: (_: Link, __: number, frame: string) => fail(`refused: ${frame}`),
    pushed: () => undefined,
    resync: () => undefined,
    broken: (_: Link, frame: string) => fail(`not expected: ${frame}`),
  }
  const link = new Link(0, { ...address, subprotocol: 'nexo.v1' }, readBuffer(), {
    frame: (from, bytes, start, end) => reader(sink, from, bytes, start, end),
    readEnd: () => undefined,
    lost: (_, reason) => fail(`the connection was lost: ${reason}`),
  })
  try {
    await link.opened()
    const { frame, stamp } = sendTemplate('nexo.v1', target, text)
    const copy = Buffer.from(frame)
    stamp(copy, 0, number)
    link.socket.write(copy)
    return { seq: await acked.promise }
  } finally {
    link.close()
  }
}
