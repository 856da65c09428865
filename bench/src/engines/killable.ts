import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from './engine.ts'

/** A server on this machine that may be killed and started again on its data. Linux only: it is found through /proc. */
export interface Killable {
  readonly pid: number
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again; resolves when `ping` does. */
  start(): Promise<void>
  /** Takes these files of its folder away; it must not run. */
  wipe(names: readonly string[]): void
  /** Ends what `start` began. */
  end(): Promise<void>
}

const askAgainMs = 20
const startMs = 60_000
/** Run at the first start only: it makes the accounts. */
const isOnce = (argument: string): boolean => argument.startsWith('--init-file=')

/** @param port of 127.0.0.1 that it listens on */
export function killableAt(
  port: number,
  { ping, argumentsIn }: { ping(): Promise<void>; argumentsIn: Engine['argumentsIn'] },
): Killable {
  let pid = listenerOf(port)
  const program = readlinkSync(`/proc/${pid}/exe`)
  const folder = readlinkSync(`/proc/${pid}/cwd`)
  const [title = '', ...shown] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  // One program may be several by its name, as Redis and its checker are.
  const [argv0 = program] = title.split(' ')
  const args = argumentsIn?.(folder) ?? shown.filter((argument) => !isOnce(argument))
  let child: ChildProcess | undefined
  const follow = (): void => void child?.kill('SIGKILL')

  async function kill(): Promise<void> {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself.
    }
    while (isRunning(pid)) await sleep(2)
  }

  return {
    get pid() {
      return pid
    },
    kill,
    start: async () => {
      const log = openSync(join(folder, 'again.log'), 'a')
      child = spawn(program, args, { argv0, cwd: folder, stdio: ['ignore', log, log] })
      closeSync(log)
      pid = child.pid as number
      process.off('exit', follow)
      process.on('exit', follow)
      const until = Date.now() + startMs
      for (;;) {
        try {
          return await ping()
        } catch (error) {
          if (child.exitCode !== null || Date.now() > until)
            throw new Error(`${program} does not come back, see ${join(folder, 'again.log')}`, {
              cause: error,
            })
          await sleep(askAgainMs)
        }
      }
    },
    wipe: (names) => {
      for (const name of names) rmSync(join(folder, name), { recursive: true, force: true })
    },
    end: async () => {
      process.off('exit', follow)
      if (child !== undefined) await kill()
    },
  }
}

/** Neither gone nor a body that its parent has not fetched yet. */
function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z'
  } catch {
    return false
  }
}

/** The process that listens on this port; throws when there is none. */
export function listenerOf(port: number): number {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const row = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find((fields) => fields[1] === local && fields[3] === '0A')
  const inode = row?.[9]
  const owner = readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && holds(pid, `socket:[${inode}]`))
  if (inode === undefined || owner === undefined) throw new Error(`nobody listens on port ${port}`)
  return Number(owner)
}

function holds(pid: string, link: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`) === link
      } catch {
        return false
      }
    })
  } catch {
    return false
  }
}
