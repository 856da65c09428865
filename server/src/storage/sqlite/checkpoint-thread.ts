import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { Checkpoint } from './checkpoints.ts'

/** What is committed during a pass needs another, shorter one; then the log can begin again from its start. */
const passes = 4

const db = new Database(workerData as string, { fileMustExist: true, timeout: 1000 })
db.pragma('synchronous = FULL')
db.pragma('wal_autocheckpoint = 0')

function move(): Checkpoint {
  let left = 0
  let pages = 0
  for (let pass = 0; pass < passes; pass++) {
    const [{ log, checkpointed }] = db.pragma('wal_checkpoint(PASSIVE)') as [
      { log: number; checkpointed: number },
    ]
    pages = log
    left = log - checkpointed
    if (left === 0) break
  }
  return { pages, left }
}

parentPort?.on('message', (asked: 'move' | 'close') => {
  if (asked === 'move') {
    try {
      parentPort?.postMessage(move())
    } catch (error) {
      parentPort?.postMessage({ pages: 0, left: 0, failure: String(error) } satisfies Checkpoint)
    }
    return
  }
  db.close()
  parentPort?.close()
})
