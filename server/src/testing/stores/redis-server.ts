import { existsSync } from 'node:fs'
import { Redis } from 'ioredis'
import { type OwnServer, startOwnServer } from './own-server.ts'

const program = '/usr/bin/redis-server'
export const hasRedisServer = existsSync(program)

export interface RedisServer extends OwnServer {
  readonly url: string
  /** The server's own answer to a command. */
  ask(...command: readonly string[]): Promise<unknown>
}

const durable = ['--appendonly', 'yes', '--appendfsync', 'always']

/** @param settings of redis.conf, as arguments; by default those that a store demands */
export async function startRedisServer(settings: readonly string[] = durable): Promise<RedisServer> {
  const server = await startOwnServer({
    name: 'redis',
    command: ({ folder, port }) => [
      program,
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--save',
      '',
      ...settings,
    ],
    ask: (port) => ask(port, ['PING']),
  })
  return {
    ...server,
    url: `redis://127.0.0.1:${server.port}/0`,
    ask: (...command) => ask(server.port, command),
  }
}

async function ask(port: number, [command = '', ...words]: readonly string[]): Promise<unknown> {
  const redis = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null })
  redis.on('error', () => undefined)
  try {
    return await redis.call(command, words)
  } finally {
    redis.disconnect()
  }
}
