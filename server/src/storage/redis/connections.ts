import { ImError } from '@nexo-im/protocol'
import { Redis } from 'ioredis'
import type { Pool } from '../../core/ports.ts'
import type { RedisAddress } from './address.ts'
import { explain, placeOf } from './explanation.ts'
import type { Script } from './scripts.ts'

/** Connections to one Redis. Whatever fails is thrown as `unavailable`, with a sentence for the operator. */
export interface Connections {
  run(script: Script, keys: readonly string[], args: readonly string[]): Promise<unknown>
  call(command: string, args: readonly string[]): Promise<unknown>
  state(): Pool
  close(): void
}

/** A place for one connection, which is made when somebody needs it and lost with its first fault. */
interface Slot {
  client: Redis | undefined
  opening: Promise<Redis> | undefined
  pending: number
  waiting: number
}

/** After a failed attempt to connect, its error answers everybody for so many ms: many requests are not many sockets. */
const breath = 100

/**
 * Neither the library's queue nor its reconnecting is used: what was sent once is never sent again by itself, because the
 * answer of a commit may be all that was lost. A request finds a connection or makes one, and waits at most `timeout` ms.
 */
export function openConnections(address: RedisAddress): Connections {
  const slots: Slot[] = []
  const clientOf = opener(address)
  let isClosed = false

  async function request(send: (client: Redis) => Promise<unknown>): Promise<unknown> {
    if (isClosed) throw new ImError('unavailable', { detail: 'the store is closed' })
    const slot = choose(slots, address.poolSize)
    slot.pending += 1
    try {
      return await inTime(
        async () => {
          const client = await clientOf(slot)
          if (isClosed) drop(client)
          return send(client)
        },
        address.timeout,
        // Nothing tells a server that hangs from an answer that is lost: the next request gets another connection.
        () => slot.client && drop(slot.client),
      )
    } catch (error) {
      throw unavailable(error, address)
    } finally {
      slot.pending -= 1
    }
  }

  return {
    run: (script, keys, args) =>
      request((client) => runScript(client, script, [String(keys.length), ...keys, ...args])),
    call: (command, args) => request((client) => client.call(command, [...args])),
    state: () => {
      const open = slots.filter((slot) => slot.client !== undefined)
      return {
        limit: address.poolSize,
        open: open.length,
        busy: open.filter((slot) => slot.pending > 0).length,
        waiting: slots.reduce((sum, slot) => sum + slot.waiting, 0),
      }
    },
    close: () => {
      isClosed = true
      for (const { client } of slots) if (client) drop(client)
    },
  }
}

/** One that is idle, else a new one, else the one with least to do: a connection carries many requests at once. */
function choose(slots: Slot[], limit: number): Slot {
  const idle = slots.find((slot) => slot.pending === 0)
  if (idle) return idle
  if (slots.length >= limit)
    return slots.reduce((least, slot) => (slot.pending < least.pending ? slot : least))
  const slot: Slot = { client: undefined, opening: undefined, pending: 0, waiting: 0 }
  slots.push(slot)
  return slot
}

/** Gives the connection of a slot, which is made where there is none; those who ask meanwhile wait for the same. */
function opener(address: RedisAddress): (slot: Slot) => Promise<Redis> {
  let fault: { readonly error: unknown; readonly until: number } | undefined

  async function open(slot: Slot): Promise<Redis> {
    if (fault && Date.now() < fault.until) throw fault.error
    const client = newClient(address)
    client.once('close', () => {
      if (slot.client === client) slot.client = undefined
    })
    try {
      await connect(client, address.timeout)
    } catch (error) {
      fault = { error, until: Date.now() + breath }
      throw error
    }
    slot.client = client
    return client
  }

  return async (slot) => {
    if (slot.client) return slot.client
    slot.waiting += 1
    slot.opening ??= open(slot).finally(() => {
      slot.opening = undefined
    })
    try {
      return await slot.opening
    } finally {
      slot.waiting -= 1
    }
  }
}

async function runScript(client: Redis, { sha, text }: Script, rest: readonly string[]): Promise<unknown> {
  try {
    return await client.call('EVALSHA', [sha, ...rest])
  } catch (error) {
    // It did not run: Redis was started anew and does not know it yet.
    if (!(error as Error).message.startsWith('NOSCRIPT')) throw error
    return client.call('EVAL', [text, ...rest])
  }
}

function newClient(address: RedisAddress): Redis {
  return new Redis({
    host: address.host,
    port: address.port,
    db: address.db,
    ...(address.username !== undefined && { username: address.username }),
    ...(address.password !== undefined && { password: address.password }),
    ...(address.isSecured && { tls: {} }),
    protocol: 2,
    lazyConnect: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    retryStrategy: () => null,
    connectTimeout: address.timeout,
  })
}

/** A database that is not there is only told by an event, and the connection would go on with number 0. */
async function connect(client: Redis, timeout: number): Promise<void> {
  let reason: Error | undefined
  client.on('error', (error: Error) => {
    reason ??= error
  })
  try {
    await inTime(
      () => client.connect(),
      timeout,
      () => undefined,
    )
    if (reason) throw reason
  } catch (error) {
    drop(client)
    throw reason ?? error
  }
}

/** At once: a server that hangs would never answer a polite end. */
function drop(client: Redis): void {
  client.disconnect()
  ;(client.stream as typeof client.stream | undefined)?.destroy()
}

class OutOfTime extends Error {}

function inTime<T>(work: () => Promise<T>, timeout: number, tooLate: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new OutOfTime(`no answer within ${timeout} ms`))
      tooLate()
    }, timeout)
    work()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}

function unavailable(error: unknown, address: RedisAddress): ImError {
  if (error instanceof ImError) return error
  // The library hangs the words of the command on it: bodies and passwords, which no log may show.
  if (error instanceof Error && 'command' in error) delete error.command
  return new ImError('unavailable', { detail: sentenceOf(error, address), retryAfter: 1, cause: error })
}

function sentenceOf(error: unknown, address: RedisAddress): string {
  if (error instanceof OutOfTime) {
    const secured = address.isSecured ? ', or does not speak TLS' : ''
    return (
      `${placeOf(address)} did not answer within ${address.timeout} ms: ` +
      `look whether it hangs or is overloaded${secured}`
    )
  }
  if (/closed|writeable/i.test((error as Error).message))
    return `${placeOf(address)} closed the connection before it answered: look whether it runs`
  return explain(error, address)
}
