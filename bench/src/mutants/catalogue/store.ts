import type { Mutant } from '../mutant.ts'

const sqlite = 'server/src/storage/sqlite.ts'
const lock = 'server/src/storage/sqlite/lock.ts'
const checkpoints = 'server/src/storage/sqlite/checkpoints.ts'
const damage = 'server/src/storage/sqlite/damage.ts'
const storageTest = 'server/src/storage/storage.test.ts'
const damageTest = 'server/src/storage/sqlite/damage.test.ts'
const durabilityTest = 'server/src/storage/sqlite/durability.test.ts'
const moveTest = 'server/src/moving/move.test.ts'
const backupTest = 'server/src/moving/backup.test.ts'

/** Bugs in what is kept, in what notices damage, and in what takes a store elsewhere. */
export const storeMutants: readonly Mutant[] = [
  {
    id: 'M2',
    what: 'a commit returns before it is synced (synchronous=NORMAL)',
    edits: [
      { file: sqlite, find: "db.pragma('synchronous = FULL')", replace: "db.pragma('synchronous = NORMAL')" },
    ],
    suites: [durabilityTest],
  },
  {
    id: 'M2-power',
    what: 'a commit returns before it is synced, and the power is cut',
    edits: [
      { file: sqlite, find: "db.pragma('synchronous = FULL')", replace: "db.pragma('synchronous = NORMAL')" },
    ],
    chaos: ['power', '--times', '2', '--clients', '20', '--seed', '1'],
  },
  {
    id: 'M2-flush',
    what: 'a MySQL that syncs once a second counts as one that syncs each commit (flush=2)',
    edits: [
      {
        file: 'server/src/storage/mysql/server.ts',
        find: "variables.get('innodb_flush_log_at_trx_commit') === '1' &&",
        replace: '',
      },
    ],
    suites: ['server/src/storage/mysql/server.test.ts'],
  },
  {
    id: 'M3',
    what: 'no unique index keeps one message from being stored twice',
    edits: [
      {
        file: 'server/src/storage/migrations/version-4.ts',
        find: 'CREATE UNIQUE INDEX im_message_twin',
        replace: 'CREATE INDEX im_message_twin',
      },
    ],
    suites: [storageTest],
  },
  {
    id: 'M3-seq',
    what: 'no unique index keeps a seq from being given twice',
    edits: [
      {
        file: 'server/src/storage/migrations/version-4.ts',
        find: 'CREATE UNIQUE INDEX im_message_seq',
        replace: 'CREATE INDEX im_message_seq',
      },
    ],
    suites: [durabilityTest],
  },
  {
    id: 'half-batch',
    what: 'what was not refused of a batch stays, though the batch is offered again',
    edits: [{ file: sqlite, find: 'if (refused.length > 0) throw new Refused()', replace: '' }],
    suites: [storageTest],
  },
  {
    id: 'positions-again',
    what: 'positions are given a second time after a kill',
    edits: [{ file: sqlite, find: 'if (reserved !== log.reserved) log.write(reserved + 1)', replace: '' }],
    suites: [durabilityTest],
  },
  {
    id: 'recalled-in-free-pages',
    what: 'what was recalled lies on in free pages of the file',
    edits: [
      { file: sqlite, find: "db.pragma('secure_delete = ON')", replace: "db.pragma('secure_delete = OFF')" },
    ],
    suites: [durabilityTest],
  },
  {
    id: 'two-processes',
    what: 'a second process may write the same file',
    edits: [{ file: lock, find: "lock.exec('BEGIN EXCLUSIVE')", replace: '' }],
    suites: [storageTest],
  },
  {
    id: 'log-never-moved',
    what: 'the log of the file is never moved into it',
    edits: [{ file: checkpoints, find: "thread.postMessage('move')", replace: '' }],
    suites: ['server/src/storage/sqlite/checkpoints.test.ts'],
  },
  {
    id: 'checksum-of-message',
    what: 'the checksum of a message is not looked at',
    edits: [
      {
        file: 'server/src/storage/sqlite/rows.ts',
        find: 'checksum !== checksumOfEntry(entry)',
        replace: 'checksum === entry',
      },
    ],
    suites: [damageTest],
  },
  {
    id: 'checksum-of-record',
    what: 'the checksum of a record is not looked at',
    edits: [
      {
        file: 'server/src/storage/sqlite/rows.ts',
        find: 'checksum !== checksumOfRow(kind, columns, version)',
        replace: 'checksum === columns',
      },
    ],
    suites: [damageTest],
  },
  {
    id: 'checksum-left-behind',
    what: 'a row that is raised keeps the checksum it had',
    edits: [
      {
        file: 'server/src/storage/sqlite/statements.ts',
        find: '"checksum" = "checksum" + 1 + ',
        replace: '"checksum" = "checksum" + 0 * ',
      },
    ],
    suites: [storageTest],
  },
  {
    id: 'hole-unseen',
    what: 'a page that lacks a message is read as if it were whole',
    edits: [
      {
        file: 'server/src/storage/sqlite/reads.ts',
        find: 'needWhole(known, conversation, found, from, found.length < limit ? to : 0)',
        replace: '',
      },
    ],
    suites: [damageTest],
  },
  {
    id: 'damage-forgotten',
    what: 'the store goes on after it found damage',
    edits: [{ file: damage, find: '      if (error) throw error\n', replace: '' }],
    suites: [damageTest],
  },
  {
    id: 'move-last-page',
    what: 'a move ends when a page is full and takes the last one for read',
    edits: [
      {
        file: 'server/src/moving/walk.ts',
        find: 'rows.length < way.size ? undefined',
        replace: 'rows.length <= way.size ? undefined',
      },
    ],
    suites: [moveTest],
  },
  {
    id: 'move-keeps-old-text',
    what: 'a move that is taken up leaves edited messages as they were',
    edits: [
      {
        file: 'server/src/moving/filling.ts',
        find: 'batch.amend.push({ conversation_id, seq, body, meta, salt })',
        replace: '',
      },
    ],
    suites: [moveTest],
  },
  {
    id: 'move-keeps-removed',
    what: 'a move that is taken up leaves records that are gone in the source',
    edits: [
      {
        file: 'server/src/moving/filling.ts',
        find: 'batch.remove.push({ kind, key: keyOf(kind, to) })',
        replace: '',
      },
    ],
    suites: [moveTest],
  },
  {
    id: 'comparison-blind',
    what: 'the comparison of two stores takes every message for equal',
    edits: [
      {
        file: 'server/src/moving/comparison.ts',
        find: "take('message', a && entryText(a), b && entryText(b))",
        replace: "take('message', a && entryText(a), a && entryText(a))",
      },
    ],
    suites: [moveTest, backupTest],
  },
]
