import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { runCommand } from '../cli/program.ts'

const main = join(import.meta.dirname, '../cli/main.ts')

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The program as people start it: `nexo` with these arguments, in a process of its own. */
export interface Program {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves once this was printed; rejects when the program ends before. */
  printed(words: RegExp): Promise<string>
}

export function startProgram(args: readonly string[], env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...env } })
  const said = { out: '', err: '' }
  const listeners = new Set<() => void>()
  const hear = (which: 'out' | 'err') => (chunk: Buffer) => {
    said[which] += String(chunk)
    for (const listener of listeners) listener()
  }
  child.stdout.on('data', hear('out'))
  child.stderr.on('data', hear('err'))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }))
  return {
    child,
    ended,
    printed: (words) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = words.exec(said.out + said.err)?.[0]
          if (found !== undefined) resolve(found)
        }
        listeners.add(look)
        look()
        void ended.then(() => reject(new Error(`the program ended: ${said.out}${said.err}`)))
      }),
  }
}

/** The same within this process, which is faster: for commands that come to an end. */
export async function runHere(args: readonly string[]): Promise<Ended> {
  const said = { out: '', err: '' }
  const code = await runCommand(args, {
    out: (line) => {
      said.out += `${line}\n`
    },
    err: (line) => {
      said.err += `${line}\n`
    },
    isLive: false,
    signal: new AbortController().signal,
  })
  return { code, ...said }
}
