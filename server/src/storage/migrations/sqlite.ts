import { hash, randomBytes } from 'node:crypto'
import { chainOf, digestOf } from '@nexo-im/protocol'
import type { Database } from 'better-sqlite3'
import { version1 } from './version-1.ts'
import { version2 } from './version-2.ts'
import { version3 } from './version-3.ts'
import { version4 } from './version-4.ts'

/** Numbered steps; a step, once released, never changes. `user_version` of the file tells how many it has. */
const steps: readonly ((db: Database) => void)[] = [
  (db) => void db.exec(version1),
  (db) => {
    db.exec(version2)
    foldNames(db)
    chainMessages(db)
  },
  (db) => void db.exec(version3),
  (db) => void db.exec(version4),
]

/** What this program reads and writes. */
export const newestSqlite = steps.length

/**
 * Brings a file to the newest version; each step stands whole or not at all, so a kill in the middle repeats it.
 * Refuses a file from the future. @param upTo stops earlier: for tests of upgrades
 */
export function migrateSqlite(db: Database, upTo: number = steps.length): void {
  const version = db.pragma('user_version', { simple: true }) as number
  if (version > steps.length) {
    throw new Error(
      `the data is of version ${version}, this program knows ${steps.length}: start a newer Nexo IM on it`,
    )
  }
  for (let step = version; step < upTo; step++) {
    db.transaction(() => {
      steps[step]?.(db)
      db.pragma(`user_version = ${step + 1}`)
    }).exclusive()
  }
}

interface OldMessage {
  readonly conversation_id: string
  readonly seq: number
  readonly id: number
  readonly sender_id: string
  readonly client_msg_id: string
  readonly msg_type: number
  readonly send_at: number
  readonly body: string
}

const sha256 = (text: string): string => hash('sha256', text, 'base64url')

/** Messages of version 1 get what every message has from then on: salt, digest, and their link in the chain. */
function chainMessages(db: Database): void {
  const link = db.prepare(
    'UPDATE im_message SET salt = ?, digest = ?, chain = ? WHERE conversation_id = ? AND seq = ?',
  )
  const page = db.prepare(
    'SELECT * FROM im_message WHERE (conversation_id, seq) > (?, ?) ORDER BY conversation_id, seq LIMIT 1000',
  )
  let at: readonly [string, number] = ['', 0]
  let before = ''
  for (;;) {
    const messages = page.all(...at) as OldMessage[]
    for (const message of messages) {
      const salt = randomBytes(16).toString('base64url')
      const digest = digestOf(sha256, salt, withoutSnapshot(message))
      before = chainOf(sha256, message.seq === 1 ? '' : before, { ...message, digest })
      link.run(salt, digest, before, message.conversation_id, message.seq)
      at = [message.conversation_id, message.seq]
    }
    if (messages.length < 1000) return
  }
}

function withoutSnapshot({ msg_type: type, body }: OldMessage): string {
  if (type !== 8) return body
  const { snapshot: _, ...quote } = JSON.parse(body) as Record<string, unknown>
  return JSON.stringify(quote)
}

/** People and members are found by their nickname in any letter case. */
function foldNames(db: Database): void {
  // As `nameKey` does from here on; no step may change with the domain, so it stands here once more.
  db.function('fold', (name) => [...String(name).normalize('NFKC').toLowerCase()].slice(0, 256).join(''))
  db.exec('UPDATE im_user SET name_key = fold(nickname)')
  db.exec(
    "UPDATE im_member SET name_key = fold(CASE WHEN group_nickname <> '' THEN group_nickname " +
      'ELSE coalesce((SELECT nickname FROM im_user u WHERE u.user_id = im_member.user_id), user_id) END)',
  )
}
