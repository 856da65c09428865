import type { Mutant } from '../mutant.ts'

const writer = 'server/src/core/writer.ts'
const messages = 'server/src/core/messages/messages.ts'
const writerTest = 'server/src/core/writer.test.ts'
const messagesTest = 'server/src/core/messages/messages.test.ts'
const simulationTest = 'server/src/simulation/simulation.test.ts'
const clusterTest = 'server/src/core/cluster/cluster.test.ts'

/** Bugs on the way of a message into the log: acks, numbers, repeats, the chain, other nodes. */
export const logMutants: readonly Mutant[] = [
  {
    id: 'M1',
    what: 'the ack leaves before the commit',
    edits: [
      {
        file: writer,
        find: 'attempt = lineUp(sha256, open, from, known)',
        replace:
          'attempt = lineUp(sha256, open, from, known)\n    for (const [i, w] of attempt.offered.entries()) w.resolve({ change: attempt.changes[i] as Change })',
      },
    ],
    suites: [writerTest],
  },
  {
    id: 'M4',
    what: 'the seq is looked up before the right to write, as SELECT then UPDATE does',
    edits: [
      { file: writer, find: 'heads.standAt(from - 1)', replace: '' },
      {
        file: 'server/src/storage/memory.ts',
        find: "change.append.seq === head + 1 ? undefined : { change: index, why: 'seq' }",
        replace: "head >= 0 ? undefined : { change: index, why: 'seq' }",
      },
    ],
    suites: [clusterTest],
  },
  {
    id: 'M5',
    what: 'a head that is remembered survives the batch that failed',
    edits: [
      {
        file: 'server/src/storage/sqlite/batch.ts',
        find: 'const heads = new Map<string, number>()',
        replace: 'const heads = committed as Map<string, number>',
      },
    ],
    suites: ['server/src/storage/storage.test.ts'],
  },
  {
    id: 'M6',
    what: 'the last seq is not read again after a start',
    edits: [
      {
        file: 'server/src/core/heads.ts',
        find: 'const found = await store.heads(asked)',
        replace: 'const found: (Head | undefined)[] = []',
      },
    ],
    suites: [writerTest],
  },
  {
    id: 'M7',
    what: 'a message is pushed before its commit',
    edits: [
      {
        file: writer,
        find: '{ store, sha256, tally, prepare }',
        replace: '{ store, sha256, tally, prepare, published }',
      },
      {
        file: writer,
        find: 'attempt = lineUp(sha256, open, from, known)',
        replace:
          'attempt = lineUp(sha256, open, from, known)\n    for (const { append } of attempt.changes) if (append) published(append)',
      },
      { file: writer, find: 'if (change.append) parts.published(change.append)', replace: '' },
    ],
    suites: [writerTest],
  },
  {
    id: 'chain-unlinked',
    what: 'a chain value does not cover the message before it',
    edits: [{ file: writer, find: "before?.chain ?? ''", replace: "''" }],
    suites: [writerTest],
  },
  {
    id: 'joiner-forgotten',
    what: 'who joined a batch on the way never learns that it failed',
    edits: [{ file: writer, find: 'batch.push(...late)', replace: '' }],
    suites: [writerTest],
  },
  {
    id: 'looker-in-company',
    what: 'a change that rests on which rows there are goes along without looking',
    edits: [
      {
        file: writer,
        find: 'if (!queue.some((w) => w.offer.look)) return queue.splice(0, limit)',
        replace: 'return queue.splice(0, limit)',
      },
    ],
    suites: [writerTest],
  },
  {
    id: 'seq-tried-once',
    what: 'an offer whose seq was taken by another node is not tried again',
    edits: [{ file: writer, find: 'waiting.tries < seqTries', replace: 'waiting.tries < 1' }],
    suites: [writerTest],
  },
  {
    id: 'refused-costs-batch',
    what: 'one refused change takes the batch with it, unheard',
    edits: [
      {
        file: writer,
        find: 'if (refusal === undefined) return true',
        replace: 'if (refusal === undefined) return false',
      },
    ],
    suites: [writerTest],
  },
  {
    id: 'time-falls',
    what: 'a clock that was set back is believed',
    edits: [
      { file: messages, find: 'Math.max(world.clock.now(), place.headAt)', replace: 'world.clock.now()' },
    ],
    suites: [messagesTest],
  },
  {
    id: 'right-not-bound',
    what: 'the rights of a sender are no condition of the commit',
    edits: [
      {
        file: messages,
        find: '[...standing.expect, quoted.lock] : standing.expect',
        replace: '[quoted.lock] : []',
      },
    ],
    suites: ['server/src/core/people/relations.test.ts'],
  },
  {
    id: 'own-unread',
    what: 'an own message does not move the read position of its sender',
    edits: [
      { file: messages, find: 'to: { read_seq: entry.seq }', replace: 'to: { read_seq: entry.seq - 1 }' },
    ],
    suites: ['server/src/core/conversations/conversations.test.ts'],
  },
  {
    id: 'repeat-elsewhere',
    what: 'a repeat is answered with a message of another conversation',
    edits: [{ file: messages, find: 'twin.conversation_id === conversation &&', replace: '' }],
    suites: [messagesTest],
  },
  {
    id: 'repeat-other-text',
    what: 'another text under a used id is answered as if it were stored',
    edits: [
      {
        file: messages,
        find: 'twin.digest === digestOf(world.sha256, twin.salt, JSON.stringify(body))',
        replace: 'twin.digest !== body',
      },
    ],
    suites: [messagesTest],
  },
  {
    id: 'quote-lives-on',
    what: 'a quote that races the recall of what it quotes is stored',
    edits: [
      {
        file: messages,
        find: '[...standing.expect, quoted.lock] : standing.expect',
        replace: 'standing.expect : standing.expect',
      },
    ],
    suites: ['server/src/core/messages/erasure.test.ts'],
  },
  {
    id: 'nodes-out-of-order',
    what: 'batches of other nodes are played as they arrive',
    edits: [
      {
        file: 'server/src/core/cluster/sequence.ts',
        find: 'waiting.get(played + 1)',
        replace: 'waiting.get(Math.min(...waiting.keys()))',
      },
    ],
    suites: [clusterTest],
  },
  {
    id: 'presence-not-healed',
    what: 'a node that died is never taken off the list',
    edits: [
      {
        file: 'server/src/core/cluster/roster.ts',
        find: 'if (node.silence > silenceLimit) lose(name)',
        replace: '',
      },
    ],
    suites: [clusterTest],
  },
  {
    id: 'gap-of-bus-unheard',
    what: 'nobody notices that words of another node went missing',
    edits: [
      {
        file: 'server/src/core/cluster/roster.ts',
        find: 'saying.n !== known.n + 1',
        replace: 'saying.n < 0',
      },
    ],
    suites: ['server/src/core/cluster/roster.test.ts'],
  },
  {
    id: 'M4-servers',
    what: 'stores of servers take a seq that somebody else took meanwhile',
    edits: [
      {
        file: 'server/src/storage/judge.ts',
        find: 'append.seq === draft.head(append.conversation_id) + 1 ?',
        replace: 'append.seq > 0 ?',
      },
    ],
    suites: ['server/src/storage/judge.test.ts'],
  },
  {
    id: 'repeat-after-leaving',
    what: 'a repeat by somebody who left meanwhile is refused, though it was stored',
    edits: [
      {
        file: 'server/src/core/dispatch.ts',
        find: 'return storedTwin(world, caller, targetOf(caller.userId, send).conversation, send)',
        replace:
          'return send === undefined ? storedTwin(world, caller, targetOf(caller.userId, send).conversation, send) : undefined',
      },
    ],
    suites: [messagesTest],
  },
  {
    id: 'conflict-not-retried',
    what: 'who meets somebody faster is refused instead of being judged again',
    edits: [
      {
        file: 'server/src/core/dispatch.ts',
        find: 'if (error instanceof Conflict) continue',
        replace: 'if (error instanceof Conflict) throw error',
      },
    ],
    suites: ['server/src/core/messages/erasure.test.ts'],
  },
  {
    id: 'unheard-not-looked-for',
    what: 'nobody looks for what other nodes wrote unheard',
    edits: [
      {
        file: 'server/src/core/cluster/relay.ts',
        find: 'seen > sequence.played',
        replace: 'seen < 0',
      },
    ],
    suites: [clusterTest],
  },
  {
    id: 'simulated-loss',
    what: 'the ack leaves before the commit, and only the simulation looks',
    edits: [
      {
        file: writer,
        find: 'attempt = lineUp(sha256, open, from, known)',
        replace:
          'attempt = lineUp(sha256, open, from, known)\n    for (const [i, w] of attempt.offered.entries()) w.resolve({ change: attempt.changes[i] as Change })',
      },
    ],
    suites: [simulationTest],
  },
  {
    id: 'simulated-duplicate',
    what: 'a repeat is stored again, and only the simulation looks',
    edits: [
      {
        file: 'server/src/storage/memory.ts',
        find: "if (twin) return { change: index, why: 'twin', twin }",
        replace: '',
      },
    ],
    suites: [simulationTest],
  },
  {
    id: 'simulated-disorder',
    what: 'batches of other nodes are played as they arrive, and only the simulation looks',
    edits: [
      {
        file: 'server/src/core/cluster/sequence.ts',
        find: 'waiting.get(played + 1)',
        replace: 'waiting.get(Math.min(...waiting.keys()))',
      },
    ],
    suites: [simulationTest],
  },
]
