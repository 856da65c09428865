import type { Mutant } from '../mutant.ts'

const outbox = 'client/src/outbox.ts'
const timeline = 'client/src/timeline.ts'
const verify = 'client/src/verify.ts'
const outboxTest = 'client/src/outbox.test.ts'
const syncTest = 'client/src/sync.test.ts'
const syncProperty = 'client/src/sync.property.test.ts'
const verifyTest = 'client/src/verify.test.ts'

/** Bugs in the SDK: what it forgets, shows too early, or takes for proven. */
export const sdkMutants: readonly Mutant[] = [
  {
    id: 'outbox-forgets',
    what: 'a message is on its way without being kept',
    edits: [
      {
        file: outbox,
        find: 'await this.#parts.store.put(pending.entry).catch(() => undefined)\n    pending.stored',
        replace: 'await Promise.resolve()\n    pending.stored',
      },
    ],
    suites: [outboxTest],
  },
  {
    id: 'outbox-sends-first',
    what: 'a message is sent before it is kept',
    edits: [{ file: outbox, find: '!pending.stored || lane.alone', replace: 'lane.alone' }],
    suites: [outboxTest],
  },
  {
    id: 'outbox-gives-up',
    what: 'what may pass counts as a refusal for good',
    edits: [{ file: outbox, find: 'error.row.retry || isDeadToken(error)', replace: 'isDeadToken(error)' }],
    suites: [outboxTest],
  },
  {
    id: 'outbox-keeps-acked',
    what: 'a message that was acked stays in the outbox and is sent again',
    edits: [
      {
        file: outbox,
        find: 'void this.#parts.store.remove(clientMsgId).catch(() => undefined)',
        replace: '',
      },
    ],
    suites: [outboxTest],
  },
  {
    id: 'outbox-overtakes',
    what: 'the next message overtakes one that was refused for now',
    edits: [{ file: outbox, find: 'lane.failures > 0 ? 1 : pipelined', replace: 'pipelined' }],
    suites: [outboxTest],
  },
  {
    id: 'gap-applied',
    what: 'a message is shown though those before it are missing',
    edits: [
      {
        file: timeline,
        find: 'this.#hold(arrival)\n    return this.#drain()',
        replace: 'this.#hold(arrival)\n    if (this.started) this.#next = seq\n    return this.#drain()',
      },
    ],
    suites: [syncTest],
  },
  {
    id: 'message-twice',
    what: 'a message that comes again is shown again',
    edits: [
      {
        file: timeline,
        find: 'if (this.started && seq < this.#next) {\n      this.#replace(arrival)\n      return []\n    }',
        replace: 'if (this.started && seq < this.#next) return [arrival.message]',
      },
    ],
    suites: [syncTest, syncProperty],
  },
  {
    id: 'page-too-complete',
    what: 'a short page is taken for complete up to what was asked for',
    edits: [
      {
        file: 'client/src/filler.ts',
        find: 'Math.max(last, Math.min(end, visible))',
        replace: 'Math.max(last, end)',
      },
    ],
    suites: ['client/src/filler.test.ts'],
  },
  {
    id: 'changes-first-page',
    what: 'catching up ends after the first page of changes',
    edits: [{ file: 'client/src/stream.ts', find: 'more = page.has_more', replace: 'more = false' }],
    suites: ['client/src/stream.test.ts', 'client/src/changes.test.ts'],
  },
  {
    id: 'resync-unheeded',
    what: 'a resync notice is not followed by a pull',
    edits: [
      {
        file: 'client/src/session.ts',
        find: 'state.resync(is(name).conversations)',
        replace: 'is(name)',
      },
    ],
    suites: [syncTest],
  },
  {
    id: 'chain-unchecked',
    what: 'verify believes every chain value',
    edits: [
      {
        file: verify,
        find: "if (chain !== proof.chain) return differs(next, 'chain', chain, proof.chain)",
        replace: '',
      },
    ],
    suites: [verifyTest],
  },
  {
    id: 'fork-unseen',
    what: 'verify does not see that a log is another one than before',
    edits: [
      {
        file: verify,
        find: 'promised !== undefined && promised !== chain',
        replace: 'promised === null',
      },
    ],
    suites: [verifyTest],
  },
  {
    id: 'repeat-unseen',
    what: 'verify does not see that a message stands twice',
    edits: [{ file: verify, find: 'if (twin !== undefined)', replace: 'if (twin === -1)' }],
    suites: [verifyTest],
  },
]
