import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RowDataPacket } from 'mysql2/promise'
import { databaseOf, openMysql } from '../engines/mysql.ts'
import { atMost } from '../figures.ts'
import { rounded } from '../report.ts'
import { type CallRow, callRow } from './calls.ts'
import { databaseFile, type Stage } from './stage.ts'
import { fillTalks, wrongTalks } from './talks.ts'

const messagesByDefault = 200_000
const people = 16

/** P15: what a stored message takes on the disk, all indexes and its share of everything else included. */
export async function disk(stage: Stage): Promise<CallRow> {
  const before = await bytesOf(stage)
  const filled = await fillTalks(stage, stage.options.messages ?? messagesByDefault, people)
  const after = await bytesOf(stage)
  const messages = filled.messages * filled.talks.length
  stage.say('reading every message back')
  const reasons = await wrongTalks(stage, filled)
  return callRow(stage, 'disk', {
    reasons,
    size: {
      messages,
      conversations: filled.talks.length,
      'bytes before': before,
      'bytes after': after,
      'characters of a body': filled.talks[0]?.text.length ?? 0,
    },
    figures: [atMost('on disk', rounded((after - before) / messages), ' B a message', 700)],
    notes: [
      stage.place.store === 'sqlite'
        ? 'the files of the stopped server, its log emptied'
        : 'the tablespaces of its tables while the server is stopped, redo and undo logs apart',
    ],
  })
}

/** Nothing of it is in a log: the service is stopped for it. */
function bytesOf(stage: Stage): Promise<number> {
  return stage.paused(async () => {
    if (stage.place.store === 'sqlite') return bytesIn(dirname(databaseFile(stage.folder)))
    return bytesOfTables(stage.place.url as string)
  })
}

function bytesIn(folder: string): number {
  return readdirSync(folder)
    .filter((name) => name.startsWith('nexo.db'))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}

/** MariaDB and MySQL call the list of tablespaces differently. */
const lists = ['INNODB_SYS_TABLESPACES', 'INNODB_TABLESPACES']

async function bytesOfTables(url: string): Promise<number> {
  const database = databaseOf(url)
  const connection = await openMysql(url, database)
  try {
    for (const list of lists) {
      const sql = `SELECT SUM(FILE_SIZE) AS bytes FROM information_schema.${list} WHERE NAME LIKE ?`
      const found = await connection.query<RowDataPacket[]>(sql, [`${database}/%`]).catch(() => undefined)
      const bytes = Number(found?.[0][0]?.['bytes'] ?? 0)
      if (bytes > 0) return bytes
    }
    throw new Error('the database does not tell how large its tables are')
  } finally {
    connection.destroy()
  }
}
