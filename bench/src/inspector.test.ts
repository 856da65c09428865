import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { openInspector } from './inspector.ts'

const program = `
  let kept = []
  process.on('message', (megabytes) => {
    kept = Array.from({ length: megabytes }, () => Buffer.alloc(2 ** 20, 1))
    process.send('done')
  })
  process.send('done')`

test('what a process holds after a collection is seen from outside, and what it let go is not', async () => {
  const child = spawn(process.execPath, ['--inspect=127.0.0.1:0', '-e', program], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  try {
    const [[line]] = await Promise.all([once(child.stderr as Readable, 'data'), once(child, 'message')])
    const inspector = await openInspector(/ws:\S+/.exec(String(line))?.[0] ?? '')
    const holding = async (megabytes: number): Promise<number> => {
      const done = once(child, 'message')
      child.send(megabytes)
      await done
      return (await inspector.heapAfterCollection()) / 2 ** 20
    }
    const empty = await holding(0)
    expect((await holding(30)) - empty).toBeGreaterThan(28)
    expect((await holding(0)) - empty).toBeLessThan(5)
    inspector.close()
  } finally {
    child.kill()
  }
})
