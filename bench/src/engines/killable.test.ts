import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { killableAt, listenerOf } from './killable.ts'

// Servers are found through /proc, which only Linux has.
test.runIf(existsSync('/proc/net/tcp'))(
  'a server is killed, and comes back on its port in its folder, with its arguments',
  async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'nexo-killable-')))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'server.mjs')
    writeFileSync(
      file,
      `import { createServer } from 'node:http'
      const server = createServer((_, answer) => answer.end(JSON.stringify([process.cwd(), ...process.argv.slice(2)])))
      server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log(server.address().port))`,
    )
    const first = spawn(process.execPath, [file, '0'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void first.kill('SIGKILL'))
    const [printed] = (await once(first.stdout, 'data')) as [Buffer]
    const port = Number(printed.toString())
    const ask = async (): Promise<unknown> => (await fetch(`http://127.0.0.1:${port}`)).json()
    const killable = killableAt(port, {
      ping: async () => void (await ask()),
      argumentsIn: () => [file, String(port), '--init-file=once'],
    })
    expect(killable.pid).toBe(first.pid)
    await killable.kill()
    await expect(ask()).rejects.toThrow('fetch failed')
    expect(() => listenerOf(port)).toThrow(/nobody listens/)
    writeFileSync(join(folder, 'data'), '')
    killable.wipe(['data', 'not there'])
    expect(existsSync(join(folder, 'data'))).toBe(false)
    await killable.start()
    expect(await ask()).toEqual([folder, String(port), '--init-file=once'])
    await killable.end()
    await expect(ask()).rejects.toThrow('fetch failed')
  },
)
