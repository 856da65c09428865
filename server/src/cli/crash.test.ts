import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { call, type Person, signUp } from '../testing/wire.ts'

const main = join(import.meta.dirname, 'main.ts')
const folder = mkdtempSync(join(tmpdir(), 'nexo-crash-'))
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function serve(args: string[]): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [main, 'serve', '--port', '0', '--data', folder, ...args])
  children.push(child)
  let printed = ''
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      printed += String(chunk)
      const url = /http:\/\/[\d.]+:\d+/.exec(printed)?.[0]
      if (url !== undefined) resolve({ url, child })
    })
    child.on('exit', () => reject(new Error(`the server ended: ${printed}`)))
  })
}

interface Page {
  messages: { seq: number; client_msg_id: string }[]
  max_seq: number
}

describe('the program', () => {
  it('has every acknowledged message after kill -9, once, in order, and takes up the numbering', async () => {
    const first = await serve([])
    const ann = await signUp(first.url, 'ann')
    await signUp(first.url, 'bob')
    const acked = new Map<string, number>()
    const sending = keepSending(ann, acked)
    await expect.poll(() => acked.size, { timeout: 15_000 }).toBeGreaterThan(300)
    first.child.kill('SIGKILL')
    await sending
    const second = await serve([])
    const pull = async (begin: number): Promise<Page> => {
      const path = `/msg/pull?conversation_id=si_ann:bob&begin_seq=${begin}`
      return (await call(second.url, 'GET', path, undefined, ann.token)).data as Page
    }
    const found: Page['messages'] = []
    for (let begin = 1; ; begin += 100) {
      const { messages } = await pull(begin)
      if (messages.length === 0) break
      found.push(...messages)
    }
    expect(found.map((m) => m.seq)).toEqual(found.map((_, i) => i + 1))
    for (const [id, seq] of acked) expect(found[seq - 1]?.client_msg_id).toBe(id)
    const body = { client_msg_id: 'after', recv_id: 'bob', msg_type: 1, content: { text: 'x' } }
    const { data } = await call(second.url, 'POST', '/msg/send', body, ann.token)
    expect((data as { seq: number }).seq).toBe(found.length + 1)
  })

  it('stops on SIGTERM with code 0 and says so', async () => {
    const { child } = await serve([])
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
  })

  it.each([
    [['--port', 'x'], 2, /--port: a number/],
    [['--config', 'missing.yml'], 1, /there is no such file/],
    [['--nonsense'], 2, /nonsense/],
    [['--host', '203.0.113.1'], 1, /no address of this machine/],
  ])('refuses %j with code %d and one sentence', async (args, expected, words) => {
    const child = spawn(process.execPath, [main, 'serve', '--data', folder, ...args])
    children.push(child)
    let said = ''
    child.stderr.on('data', (chunk) => {
      said += String(chunk)
    })
    const [code] = await once(child, 'exit')
    expect(code).toBe(expected)
    expect(said).toMatch(words)
    expect(said.trim().split('\n')).toHaveLength(1)
  })
})

async function keepSending(ann: Person, acked: Map<string, number>): Promise<void> {
  const lane = async (n: number): Promise<void> => {
    for (let i = 0; ; i++) {
      const id = `${n}-${i}`
      const answer = await ann.send({ recv_id: 'bob' }, 'x', id).catch(() => undefined)
      if (answer === undefined) return
      if (answer.code === 1006) return
      acked.set(id, (answer.data as { seq: number }).seq)
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, n) => lane(n)))
}
