import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort, type Plan, startServer } from './server.mjs'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'nexo-server-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function planOf(code: string): Promise<Plan> {
  const port = await freePort()
  const whole = `const port = ${port}; const serve = (words) =>
    require('node:net').createServer((socket) => socket.end(words)).listen(port, '127.0.0.1'); ${code}`
  return {
    title: 'It',
    program: process.execPath,
    args: ['-e', whole],
    folder,
    log: path.join(folder, 'log'),
    port,
    greeting: { until: (heard) => heard.toString() === 'hello' },
  }
}

const never = new AbortController().signal

function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(false))
    socket.on('error', () => resolve(true))
    socket.on('close', () => socket.destroy())
  })
}

describe('a server', () => {
  it('is there only when its greeting came', async () => {
    const plan = await planOf(`let ready = 'loading'; setTimeout(() => (ready = 'hello'), 300)
      require('node:net').createServer((socket) => socket.end(ready)).listen(port, '127.0.0.1')`)
    const started = performance.now()
    const server = await startServer(plan, never)
    expect(performance.now() - started).toBeGreaterThan(250)
    await server.stop()
    expect(await server.ended).toBe('was ended by SIGTERM')
  })

  it('that stays silent is ended, and the end of its log is in the error', async () => {
    const plan = { ...(await planOf(`console.error('recovering'); serve('loading')`)), startMs: 500 }
    await expect(startServer(plan, never)).rejects.toThrow(
      'It did not answer within 0.5 s; the end of its log:\nrecovering',
    )
    expect(await isRefused(plan.port)).toBe(true)
  })

  it('whose start is cancelled is ended', async () => {
    const plan = await planOf(`serve('loading')`)
    const cancel = new AbortController()
    const start = startServer(plan, cancel.signal)
    setTimeout(() => cancel.abort(), 200)
    await expect(start).rejects.toThrow('It was stopped while it started')
    expect(await isRefused(plan.port)).toBe(true)
  })

  it('that does not listen to SIGTERM is killed', async () => {
    const plan = { ...(await planOf(`process.on('SIGTERM', () => {}); serve('hello')`)), stopMs: 200 }
    const server = await startServer(plan, never)
    await server.stop()
    expect(await server.ended).toBe('was ended by SIGKILL')
  })

  it('whose program is not there says so', async () => {
    const plan = { ...(await planOf('')), program: path.join(folder, 'nothing') }
    await expect(startServer(plan, never)).rejects.toThrow(/^It could not be started \(.*ENOENT/)
  })
})
