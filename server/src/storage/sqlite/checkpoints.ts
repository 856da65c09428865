import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type Database from 'better-sqlite3'
import { openMap } from './map.ts'

/** What a move of the log into the file came to. */
export interface Checkpoint {
  /** Of the log. */
  readonly pages: number
  /** Pages of the log that are not in the file yet. */
  readonly left: number
  readonly failure?: string
}

/**
 * Moves the log into the file, on a thread of its own: thousands of pages are written and synced meanwhile, and no socket
 * waits for them. The thread begins with the first move, so a store that is written little has none.
 */
export interface Checkpoints {
  /** After each commit. */
  wrote(changes: number): void
  /** Resolves when nothing is being moved and the thread has let go of the file. */
  close(): Promise<void>
}

/** Pages that a commit writes whatever it holds, and for each of its changes: rough, the log's true length is told. */
const pagesOfCommit = 3
const pagesOfChange = 2
/** Sixteen megabytes: each move disturbs, and what was written twice meanwhile is moved once. */
const pagesOfMove = 4000
/** Fewer are not worth a thread. */
const pagesOfRest = 200
const restMs = 500
/** What the thread could not catch up with, because it is written faster than it is moved, is moved here. */
const pagesTooMany = 16_000

/** @param tell told in a sentence what failed */
export function createCheckpoints(
  db: Database.Database,
  file: string,
  tell: (line: string) => void,
): Checkpoints {
  let written = 0
  let isMoving = false
  let isBroken = false
  let thread: Worker | undefined
  let resting: NodeJS.Timeout | undefined
  // It grows by the thread's hand.
  const map = openMap(db, file)

  const failed = (why: string): void => tell(`${file}: its log could not be moved into it: ${why}`)

  function moveHere(): void {
    try {
      db.pragma('wal_checkpoint(PASSIVE)')
    } catch (error) {
      // What was committed stands in the log all the same.
      failed(String(error))
    }
  }

  function moved({ pages, left, failure }: Checkpoint): void {
    isMoving = false
    if (db.open) map.widen()
    if (failure !== undefined) failed(failure)
    else if (left > 0 && pages > pagesTooMany && db.open) moveHere()
  }

  function begin(): Worker {
    const worker = threadFor(file)
    worker.on('message', moved)
    worker.on('error', (error) => {
      tell(`${file}: the thread that moves its log ended: ${error.message}`)
      isBroken = true
      isMoving = false
      thread = undefined
    })
    worker.unref()
    return worker
  }

  function move(): void {
    written = 0
    if (isBroken) return moveHere()
    isMoving = true
    thread ??= begin()
    thread.postMessage('move')
  }

  /** Once nobody writes: as long as something is left in the log, every page that is read is looked for there first. */
  function rest(): void {
    resting = undefined
    if (!isMoving && written >= pagesOfRest && db.open) move()
  }

  return {
    wrote: (changes) => {
      if (db.memory) return
      written += pagesOfCommit + pagesOfChange * changes
      if (written >= pagesOfMove && !isMoving) move()
      if (resting) resting.refresh()
      else resting = setTimeout(rest, restMs).unref()
    },
    close: async () => {
      clearTimeout(resting)
      if (!thread) return
      const ended = once(thread, 'exit')
      thread.ref()
      thread.postMessage('close')
      await ended
    },
  }
}

function threadFor(file: string): Worker {
  // It only passes on pages: a heap of the usual size would be memory for nothing.
  const resourceLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 }
  return new Worker(new URL('./checkpoint-thread.ts', import.meta.url), {
    workerData: file,
    execArgv: [],
    resourceLimits,
  })
}
