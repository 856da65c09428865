import { Redis } from 'ioredis'
import type { Bus } from '../core/ports.ts'
import { type Address, readAddress, unreachable } from './address.ts'

/** Between two attempts to reach a Redis that is away, ms. */
const retryPeriod = 250

/**
 * A bus over Redis pub/sub. `redis://user:password@host:port/db?key_prefix=nexo:&timeout=5000`: nodes with another prefix
 * on the same Redis are not heard. Works on Redis Cluster too, which spreads pub/sub to all its nodes.
 */
export async function openRedisBus(url: string): Promise<Bus> {
  const address = readAddress(url, 6379)
  const channel = `${address.prefix}bus`
  let said: unknown
  const note = (error: unknown): void => {
    said = error
  }
  const sender = connection(address, note)
  const listener = connection(address, note)
  const heard: ((text: string) => void)[] = []
  const returned: (() => void)[] = []
  let isFirst = true

  async function listen(): Promise<void> {
    await listener.subscribe(channel)
    if (!isFirst) for (const run of returned) run()
    isFirst = false
  }

  listener.on('message', (_, text) => {
    for (const hear of heard) hear(text)
  })
  try {
    await Promise.all([sender.connect(), listener.connect()])
    await listen()
  } catch (cause) {
    sender.disconnect()
    listener.disconnect()
    // The promise says only that the connection is closed; why, the connection said itself.
    throw unreachable('Redis', address, said ?? cause)
  }
  listener.on('ready', () => void listen().catch(() => undefined))

  return {
    // What cannot be said now is lost: whoever missed it notices by the numbers.
    publish: (text) => void sender.publish(channel, text).catch(() => undefined),
    subscribe: (hear) => void heard.push(hear),
    onReturn: (run) => void returned.push(run),
    get isUp() {
      return sender.status === 'ready' && listener.status === 'ready'
    },
    close: async () => {
      sender.disconnect()
      listener.disconnect()
    },
  }
}

function connection(address: Address, note: (error: unknown) => void): Redis {
  const { host, port, user, password, path, timeout, isSecure } = address
  const options = {
    host,
    port,
    db: Number(path || 0),
    lazyConnect: true,
    // Subscribed again by hand, so that it is known when.
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: timeout,
    retryStrategy: () => retryPeriod,
    ...(user !== '' && { username: user }),
    ...(password !== '' && { password }),
    ...(isSecure && { tls: {} }),
  }
  const redis = new Redis(options)
  redis.on('error', note)
  return redis
}
