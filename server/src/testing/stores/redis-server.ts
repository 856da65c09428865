import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'

const program = '/usr/bin/redis-server'
export const hasRedisServer = existsSync(program)

/** A server of one's own, to be stopped, killed and started again. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  /** The server's own answer to a command. */
  ask(...command: readonly string[]): Promise<unknown>
  /** It hangs, with its sockets open, until it goes on. */
  hang(): void
  goOn(): void
  kill(): Promise<void>
  /** With what its files hold. */
  start(): Promise<void>
  /** Ends it and takes its files away. */
  end(): Promise<void>
}

const durable = ['--appendonly', 'yes', '--appendfsync', 'always']

/** @param settings of redis.conf, as arguments; by default those that a store demands */
export async function startRedisServer(settings: readonly string[] = durable): Promise<RedisServer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'nexo-redis-'))
  let child: ChildProcess | undefined

  async function ask(...[command = '', ...words]: readonly string[]): Promise<unknown> {
    const redis = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null })
    redis.on('error', () => undefined)
    try {
      return await redis.call(command, words)
    } finally {
      redis.disconnect()
    }
  }

  async function start(): Promise<void> {
    const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
    child = spawn(program, [...place, ...settings], { stdio: 'ignore' })
    for (let tries = 0; ; tries++) {
      try {
        await ask('PING')
        return
      } catch (error) {
        if (tries > 200) throw error
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  }

  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }

  await start()
  return {
    port,
    url: `redis://127.0.0.1:${port}/0`,
    ask,
    hang: () => void child?.kill('SIGSTOP'),
    goOn: () => void child?.kill('SIGCONT'),
    kill,
    start,
    end: async () => {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
