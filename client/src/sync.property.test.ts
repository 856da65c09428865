import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createWorld, lines } from './testing/world.ts'

const chat = 'si_ann:bob'

type Fate = 'deliver' | 'drop' | 'twice' | 'hold'

interface Step {
  readonly kind:
    | 'say'
    | 'send'
    | 'release'
    | 'cut'
    | 'resync'
    | 'wait'
    | 'pullFails'
    | 'ackLost'
    | 'requestLost'
  /** What becomes of the pushes from here on. */
  readonly fate: Fate
  /** Whether everything under way finishes before the next step. */
  readonly settle: boolean
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('say' as const, 'send' as const) },
    { weight: 4, arbitrary: fc.constantFrom('release' as const, 'wait' as const, 'cut' as const) },
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        'resync' as const,
        'pullFails' as const,
        'ackLost' as const,
        'requestLost' as const,
      ),
    },
  ),
  fate: fc.constantFrom('deliver', 'drop', 'twice', 'hold'),
  settle: fc.boolean(),
})

it('ends with the server’s log, whole and in order, and never shows a hole on the way', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }),
      fc.array(fc.nat(1000), { maxLength: 10 }),
      async (steps, luck) => {
        const { server, clock, goOnline } = createWorld()
        const { ledger } = server
        const ann = await goOnline('ann', { random: () => (luck.shift() ?? 0) / 1001 })
        await ann.open(chat)
        const told: number[] = []
        ann.on('message', (message) => told.push(message.seq))
        const holes: number[][] = []
        ann.model.subscribe(() => {
          const seqs = ann.model
            .messages(chat)
            .messages.filter((m) => m.seq > 0)
            .map((m) => m.seq)
          if (seqs.some((seq, i) => seq !== i + 1)) holes.push(seqs)
        })
        const held: (() => void)[] = []
        let fate: Fate = 'deliver'
        server.push = (message, socket) => {
          const push = (): void => server.deliver(message, socket)
          if (fate === 'deliver' || fate === 'twice') push()
          if (fate === 'twice') push()
          // Late, and in reverse: the order of a network that keeps none.
          if (fate === 'hold') held.unshift(push)
        }
        let failing = 0
        let lost = 0
        let unheard = 0
        server.before = ({ name }) => {
          if (name === 'message.send' && unheard-- > 0) {
            server.cut()
            return 'swallow'
          }
          if (name === 'message.pull' && failing-- > 0) server.cut()
          return undefined
        }
        server.after = ({ name }) => {
          if (name !== 'message.send' || lost-- <= 0) return undefined
          server.cut()
          return 'swallow'
        }
        let sent = 0
        for (const move of steps) {
          fate = move.fate
          if (move.kind === 'say') ledger.say('bob', { recv_id: 'ann' }, `m${ledger.log(chat).length}`)
          if (move.kind === 'send')
            ann.send({ userId: 'bob' }, { type: 1, content: { text: { text: `s${sent++}` } } })
          if (move.kind === 'release') for (const push of held.splice(0)) push()
          if (move.kind === 'cut') server.cut()
          if (move.kind === 'pullFails') failing = 1
          if (move.kind === 'ackLost') lost = 1
          if (move.kind === 'requestLost') unheard = 1
          if (move.kind === 'wait') await clock.advance(300)
          if (move.kind === 'resync') {
            for (const socket of server.sockets) {
              server.tell(socket, 'resync', { conversations: { [chat]: ledger.log(chat).length } })
            }
          }
          if (move.settle) await clock.settle()
        }
        fate = 'deliver'
        failing = lost = unheard = 0
        server.cut()
        await clock.advance(120_000)
        const log = ledger.log(chat)
        expect(holes).toEqual([])
        expect(lines(ann, chat)).toEqual(log.map((m) => `${m.seq}:${m.content.text?.text}`))
        expect(told).toEqual(log.map((m) => m.seq))
        const mine = log.filter((m) => m.sender_id === 'ann').map((m) => m.content.text?.text)
        expect(mine).toEqual(Array.from({ length: sent }, (_, i) => `s${i}`))
        expect(ann.model.conversation(chat)?.maxSeq ?? 0).toBe(log.length)
        await ann.disconnect()
      },
    ),
    { numRuns: 60 },
  )
}, 60_000)
