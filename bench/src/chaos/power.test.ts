import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openDisk, whyNoDisk } from './disk.ts'

const reason = await whyNoDisk()
if (reason !== undefined) process.stderr.write(`the power is not cut: ${reason}\n`)

const program = fileURLToPath(new URL('./row-writer.ts', import.meta.url))
const rows = 300

/** Writes rows, cuts the power, and counts what is left. */
async function leftOf(synchronous: 'FULL' | 'NORMAL'): Promise<{ acked: number; left: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'nexo-power-'))
  const disk = await openDisk(folder, 64)
  try {
    const file = join(disk.folder, 'rows.db')
    const writer = spawn(process.execPath, [program, file, synchronous], { stdio: ['ignore', 'pipe', 2] })
    let acked = 0
    for await (const chunk of writer.stdout ?? []) {
      acked = Number(String(chunk).trimEnd().split('\n').at(-1))
      if (acked >= rows) break
    }
    writer.kill('SIGSTOP')
    const image = await disk.copy()
    writer.kill('SIGKILL')
    if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit')
    await disk.swap(image)
    const db = new Database(file)
    const left = db.prepare('SELECT count(*) FROM row').pluck().get() as number
    db.close()
    return { acked, left }
  } finally {
    await disk.close()
    await rm(folder, { recursive: true, force: true })
  }
}

describe.skipIf(reason !== undefined)('a power cut', { timeout: 60_000 }, () => {
  it('takes nothing of what was synced before it was acked', async () => {
    const { acked, left } = await leftOf('FULL')
    expect(left).toBeGreaterThanOrEqual(acked)
  })

  it('takes what was acked without being synced: the method would notice', async () => {
    const { acked, left } = await leftOf('NORMAL')
    expect(left).toBeLessThan(acked)
  })
})
