import { existsSync, readFileSync } from 'node:fs'

/**
 * Throws a sentence when the log beside the file (`-wal`) breaks off although commits follow. SQLite itself takes the first
 * frame that does not fit for the end of the log, as a power cut leaves it, and would silently forget every commit behind it.
 * A power cut can only tear the last commit, since each is synced before the next is begun, so with two of them behind the
 * break it is damage. In the last two commits damage cannot be told from a power cut.
 */
export function refuseBrokenLog(file: string): void {
  const path = `${file}-wal`
  if (!existsSync(path)) return
  if (isBroken(readFileSync(path))) throw new Error(`${path} is damaged: restore ${file} from a backup`)
}

const headerBytes = 32
const frameHeaderBytes = 24
/** Its last bit tells the order of bytes in what is summed up. */
const magic = 0x377f0682
/** Behind the break; the first of them may be the one that a power cut tore. */
const commitsThatProve = 2

function isBroken(log: Buffer): boolean {
  if (log.length < headerBytes + frameHeaderBytes) return false
  const kind = log.readUInt32BE(0)
  const pageBytes = log.readUInt32BE(8)
  const isBig = kind === magic + 1
  const start = sum(log, 0, headerBytes - 8, [0, 0], isBig)
  // It is one write, and synced before any frame: no power cut tears it.
  if ((kind !== magic && !isBig) || !stands(log, headerBytes - 8, start)) return true
  const [salt1, salt2] = [log.readUInt32BE(16), log.readUInt32BE(20)]
  let sums = start
  let isWhole = true
  let commits = 0
  for (
    let at = headerBytes;
    at + frameHeaderBytes + pageBytes <= log.length;
    at += frameHeaderBytes + pageBytes
  ) {
    const isOfThisLog = log.readUInt32BE(at + 8) === salt1 && log.readUInt32BE(at + 12) === salt2
    if (isWhole) {
      sums = sum(log, at + frameHeaderBytes, pageBytes, sum(log, at, 8, sums, isBig), isBig)
      isWhole = isOfThisLog && stands(log, at + 16, sums)
    }
    if (!isWhole && isOfThisLog && log.readUInt32BE(at + 4) !== 0) commits += 1
  }
  return commits >= commitsThatProve
}

type Sums = readonly [number, number]

const stands = (log: Buffer, at: number, [a, b]: Sums): boolean =>
  log.readUInt32BE(at) === a && log.readUInt32BE(at + 4) === b

/** The checksum of SQLite's log format over these bytes, going on from the sums before them. */
function sum(log: Buffer, from: number, bytes: number, [first, second]: Sums, isBig: boolean): Sums {
  let a = first
  let b = second
  for (let at = from; at < from + bytes; at += 8) {
    a = (a + (isBig ? log.readUInt32BE(at) : log.readUInt32LE(at)) + b) >>> 0
    b = (b + (isBig ? log.readUInt32BE(at + 4) : log.readUInt32LE(at + 4)) + a) >>> 0
  }
  return [a, b]
}
