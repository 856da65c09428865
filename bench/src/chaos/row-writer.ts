import Database from 'better-sqlite3'

// A program that writes rows one by one and says when each is committed: node row-writer.ts FILE FULL|NORMAL
const [file = '', synchronous = 'FULL'] = process.argv.slice(2)
const db = new Database(file)
db.pragma('journal_mode = WAL')
db.pragma(`synchronous = ${synchronous}`)
db.exec('CREATE TABLE IF NOT EXISTS row (n INTEGER PRIMARY KEY)')
// So that the table itself is on the disk in any case.
db.pragma('wal_checkpoint(TRUNCATE)')
const insert = db.prepare('INSERT INTO row (n) VALUES (?)')

let n = 0
function write(): void {
  n += 1
  insert.run(n)
  process.stdout.write(`${n}\n`)
  setImmediate(write)
}
write()
