import type { Mutant } from '../mutant.ts'

const acks = 'bench/src/checker/acks.ts'
const order = 'bench/src/checker/order.ts'
const world = 'bench/src/checker/world.ts'
const tally = 'bench/src/load/tally.ts'
const judgeTest = 'bench/src/checker/judge.test.ts'
const runTest = 'bench/src/load/run.test.ts'

/** Bugs in those who judge: a checker that sees nothing makes everything green. */
export const judgeMutants: readonly Mutant[] = [
  {
    id: 'checker-duplicates',
    what: 'the checker does not see a message that is stored twice',
    edits: [{ file: acks, find: 'if (first !== undefined) {', replace: 'if (first === 0) {' }],
    suites: [judgeTest],
  },
  {
    id: 'checker-loss',
    what: 'the checker does not see that a member lacks an acked message',
    edits: [
      {
        file: acks,
        find: 'if (record === undefined) return',
        replace: 'if (record === undefined) continue\n    if (record === null) return',
      },
    ],
    suites: [judgeTest],
  },
  {
    id: 'checker-gap',
    what: 'the checker does not see a gap',
    edits: [{ file: order, find: 'seq > last + 1)', replace: 'seq > last + 1_000_000)' }],
    suites: [judgeTest],
  },
  {
    id: 'checker-real-time',
    what: 'the checker does not see seqs that run against real time',
    edits: [
      {
        file: order,
        find: 'earliest !== undefined && earliest.returned < span.invoked',
        replace: 'earliest !== undefined && earliest.returned < 0',
      },
    ],
    suites: [judgeTest],
  },
  {
    id: 'checker-refused',
    what: 'the checker does not see that a refused message is stored',
    edits: [
      {
        file: acks,
        find: 'if (stored.has(key)) fail(',
        replace: 'if (stored.has(message.text)) fail(',
      },
    ],
    suites: [judgeTest],
  },
  {
    id: 'checker-unknown',
    what: 'the checker takes a message with one open attempt for refused',
    edits: [
      {
        file: world,
        find: "return outcomes.includes('unknown') ? 'unknown' : 'refused'",
        replace: "return outcomes.includes('refused') ? 'refused' : 'unknown'",
      },
    ],
    suites: [judgeTest],
  },
  {
    id: 'checker-hole',
    what: 'the checker does not see a hole in the pushes of a connection',
    edits: [
      {
        file: order,
        find: '(seq > before && mayJump())',
        replace: 'seq > before',
      },
    ],
    suites: [judgeTest],
  },
  {
    id: 'generator-counts-refusals',
    what: 'the generator counts a refused message as acked',
    edits: [{ file: tally, find: 'this.refusals += 1', replace: 'this.acks += 1' }],
    suites: [runTest],
  },
  {
    id: 'generator-believes-errors',
    what: 'the generator takes an answer with an error for an ack',
    edits: [
      {
        file: 'bench/src/wire/answer-reader.ts',
        find: 'if (good.find(bytes, start, end) < 0) return',
        replace: 'if (good.find(bytes, start, end) < -1) return',
      },
    ],
    suites: ['bench/src/wire/answer-reader.test.ts', runTest],
  },
  {
    id: 'generator-duplicates',
    what: 'the generator counts a push that comes again as a new one',
    edits: [
      {
        file: 'bench/src/load/seats.ts',
        find: "return seq === last ? 'again' : 'back'",
        replace: "return 'next'",
      },
    ],
    suites: [runTest],
  },
  {
    id: 'generator-late-clock',
    what: 'the generator forgives a late start: latency counts from the writing',
    edits: [
      {
        file: tally,
        find: 'if (this.isMeasured(intended)) this.ack.record(us)',
        replace:
          'if (this.isMeasured(intended)) this.ack.record((this.#now - this.ledger.writtenAt(n)) * 1000)',
      },
    ],
    suites: ['bench/src/load/tally.test.ts'],
  },
]
