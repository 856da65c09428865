import type { Database } from 'better-sqlite3'
import { type ColumnTypes, createTable } from '../sql.ts'

const types: ColumnTypes = { text: 'TEXT', int: 'INTEGER', bool: 'INTEGER' }

/** Numbered steps; a step, once released, never changes. `user_version` of the file tells how many it has. */
const steps: readonly ((db: Database) => void)[] = [
  (db) => {
    // Clustered by conversation and seq: a page of history is one run of neighbouring rows.
    db.exec(
      'CREATE TABLE im_message (conversation_id TEXT NOT NULL, seq INTEGER NOT NULL, id INTEGER NOT NULL, ' +
        'sender_id TEXT NOT NULL, client_msg_id TEXT NOT NULL, msg_type INTEGER NOT NULL, body TEXT NOT NULL, ' +
        'send_at INTEGER NOT NULL, PRIMARY KEY (conversation_id, seq)) WITHOUT ROWID',
    )
    db.exec('CREATE UNIQUE INDEX im_message_twin ON im_message (sender_id, client_msg_id)')
    for (const kind of ['user', 'session', 'group', 'group_size', 'member', 'view', 'block'] as const) {
      for (const statement of createTable(kind, types)) db.exec(statement)
    }
  },
]

/** Brings a file to the newest version; each step stands whole or not at all. Refuses a file from the future. */
export function migrateSqlite(db: Database): void {
  const version = db.pragma('user_version', { simple: true }) as number
  if (version > steps.length) {
    throw new Error(
      `the data is of version ${version}, this program knows ${steps.length}: start a newer Nexo IM on it`,
    )
  }
  for (let step = version; step < steps.length; step++) {
    db.transaction(() => {
      steps[step]?.(db)
      db.pragma(`user_version = ${step + 1}`)
    }).exclusive()
  }
}
