import { randomUUID } from 'node:crypto'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { Bus } from '../core/ports.ts'
import { readAddress, unreachable } from './address.ts'

/** Between two attempts to reach a server that is away, ms. */
const retryPeriod = 250
/** Bytes of a part's head: sender, number and count. */
const headLength = 64

/**
 * A bus over NATS core subjects. `nats://user:password@host:port?key_prefix=nexo:&timeout=5000`; what is longer than the
 * server takes at once (1 MB as shipped) goes in parts.
 */
export async function openNatsBus(url: string): Promise<Bus> {
  const address = readAddress(url, 4222)
  const { host, port, user, password, timeout, isSecure } = address
  const nats = await connect({
    servers: `${host.includes(':') ? `[${host}]` : host}:${port}`,
    timeout,
    reconnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: retryPeriod,
    ...(user !== '' && { user, pass: password }),
    ...(isSecure && { tls: {} }),
  }).catch((cause: unknown) => {
    throw unreachable('NATS', address, cause)
  })
  const subject = `${address.prefix.replace(/[^\w-]/g, '_')}bus`
  const heard: ((text: string) => void)[] = []
  const returned: (() => void)[] = []
  let isUp = true
  const parcel = createParcels((nats.info?.max_payload ?? 1_048_576) - headLength)

  nats.subscribe(subject, {
    callback: (error, message) => {
      const text = error === null ? parcel.unpack(message.data) : undefined
      if (text !== undefined) for (const hear of heard) hear(text)
    },
  })
  // The subscription has to stand before anybody is told that the bus is open.
  await nats.flush()
  void watch(nats, (up) => {
    isUp = up
    if (up) for (const run of returned) run()
  })

  return {
    publish: (text) => {
      if (!isUp) return
      for (const part of parcel.pack(text)) nats.publish(subject, part)
    },
    subscribe: (hear) => void heard.push(hear),
    onReturn: (run) => void returned.push(run),
    get isUp() {
      return isUp
    },
    close: () => nats.close(),
  }
}

async function watch(nats: NatsConnection, tell: (isUp: boolean) => void): Promise<void> {
  for await (const status of nats.status()) {
    if (status.type === 'reconnect') tell(true)
    else if (status.type === 'disconnect') tell(false)
  }
}

interface Parcels {
  pack(text: string): Iterable<Uint8Array>
  /** The whole, with its last part. */
  unpack(part: Uint8Array): string | undefined
}

/** Parts are `sender number count`, padded, and a piece of the text; those of one sender come in order. */
function createParcels(pieceLength: number): Parcels {
  const sender = randomUUID()
  const coming = new Map<string, Uint8Array[]>()
  return {
    *pack(text) {
      const bytes = Buffer.from(text)
      const count = Math.max(1, Math.ceil(bytes.length / pieceLength))
      for (let i = 0; i < count; i++) {
        const head = Buffer.from(`${sender} ${i} ${count}`.padEnd(headLength))
        yield Buffer.concat([head, bytes.subarray(i * pieceLength, (i + 1) * pieceLength)])
      }
    },
    unpack: (part) => {
      const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength)
      const [from = '', number, count] = bytes.toString('latin1', 0, headLength).trim().split(' ')
      const pieces = number === '0' ? [] : (coming.get(from) ?? [])
      pieces.push(bytes.subarray(headLength))
      if (pieces.length < Number(count)) {
        coming.set(from, pieces)
        return undefined
      }
      coming.delete(from)
      return Buffer.concat(pieces).toString()
    },
  }
}
