import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../random.ts'

/** What happens to bytes on their way in one direction. */
export interface Way {
  readonly delayMs?: number
  /** At most this much on top of the delay, drawn for each piece. */
  readonly jitterMs?: number
  readonly bytesPerSecond?: number
  /** Nothing passes, and neither side hears why: what was on its way goes on when the rule changes. */
  readonly isStalled?: boolean
  /** The connection is reset behind this byte, counted from its first one. */
  readonly cutAfter?: number
}

export interface Rule {
  readonly toServer?: Way
  readonly toClient?: Way
  /** Who connects is reset at once. */
  readonly isRefusing?: boolean
  /**
   * Looks at what a client sends after its first piece. True: it still reaches the server, and the connection is reset
   * before the answer is seen; `soon` without waiting for it, when the server may not even have read it.
   */
  loses?(piece: Buffer): false | 'answer' | 'soon'
}

/** A TCP link that can be hurt. */
export interface FaultProxy {
  readonly port: number
  /** From here on, for connections that are open as well; without one everything passes. */
  rule(rule?: Rule): void
  /** RST to both sides of every connection; returns how many there were. */
  reset(): number
  /** One direction ends politely, the other stays. */
  halfClose(): void
  /** Connections whose answer was lost on purpose so far. */
  readonly lost: number
  close(): Promise<void>
}

export interface ProxyWish {
  readonly to: { readonly host: string; readonly port: number }
  readonly random: Random
  /** Where it listens; any free port of the loopback unless given. */
  readonly at?: { readonly host?: string; readonly port?: number }
}

/** Pieces are not larger than what a slow link lets through in this time. */
const sliceMs = 50
const waitingBytes = 65_536

interface Links {
  rule: Rule
  /** Settles when the rule changes. */
  changed: PromiseWithResolvers<void>
  lost: number
  readonly open: Set<Link>
  readonly random: Random
}

interface Link {
  readonly client: Socket
  readonly server: Socket
  /** Its next answer is not to arrive. */
  doom: false | 'answer' | 'soon'
}

export async function openProxy({ to, random, at = {} }: ProxyWish): Promise<FaultProxy> {
  const links: Links = {
    rule: {},
    changed: Promise.withResolvers(),
    lost: 0,
    open: new Set(),
    random,
  }
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (links.rule.isRefusing === true) client.resetAndDestroy()
    else join(links, client, to)
  })
  listener.listen(at.port ?? 0, at.host ?? '127.0.0.1')
  await once(listener, 'listening')
  const rule = (next: Rule = {}): void => {
    links.rule = next
    links.changed.resolve()
    links.changed = Promise.withResolvers()
  }
  return {
    port: (listener.address() as AddressInfo).port,
    rule,
    reset: () => {
      const count = links.open.size
      for (const link of links.open) cut(links, link)
      return count
    },
    halfClose: () => {
      for (const { client } of links.open) client.end()
    },
    get lost() {
      return links.lost
    },
    close: () => {
      for (const link of links.open) cut(links, link)
      rule()
      return closed(listener)
    },
  }
}

function closed(listener: Server): Promise<void> {
  return new Promise((resolve) => listener.close(() => resolve()))
}

function join(links: Links, client: Socket, to: { host: string; port: number }): void {
  const server = connect({ ...to, allowHalfOpen: true, noDelay: true })
  const link: Link = { client, server, doom: false }
  links.open.add(link)
  for (const socket of [client, server]) {
    // Followed by `close`, and one side's end is the other's.
    socket.on('error', () => cut(links, link))
    socket.on('close', () => {
      if (client.destroyed && server.destroyed) links.open.delete(link)
    })
  }
  carry(links, link, 'toServer').catch(() => cut(links, link))
  carry(links, link, 'toClient').catch(() => cut(links, link))
}

function cut(links: Links, { client, server }: Link): void {
  for (const socket of [client, server]) if (!socket.destroyed) socket.resetAndDestroy()
  for (const link of links.open) if (link.client === client) links.open.delete(link)
}

/** Takes what arrives on one side to the other, as the rule of the moment says. */
async function carry(links: Links, link: Link, way: 'toServer' | 'toClient'): Promise<void> {
  const [from, to] = way === 'toServer' ? [link.client, link.server] : [link.server, link.client]
  let carried = 0
  for await (const piece of from as AsyncIterable<Buffer>) {
    if (way === 'toServer' && carried > 0 && link.doom === false)
      link.doom = links.rule.loses?.(piece) ?? false
    for (let rest = piece; rest.length > 0; ) {
      const slice = await passed(links, way, rest)
      const limit = links.rule[way]?.cutAfter
      if (limit !== undefined && carried + slice.length > limit) {
        to.write(slice.subarray(0, Math.max(0, limit - carried)), () => cut(links, link))
        return
      }
      if (way === 'toClient' && link.doom !== false) return lose(links, link)
      carried += slice.length
      rest = rest.subarray(slice.length)
      if (to.destroyed) return
      to.write(slice)
      if (to.writableLength > waitingBytes) await Promise.race([once(to, 'drain'), once(to, 'close')])
    }
    if (way === 'toServer' && link.doom === 'soon') {
      await sleep(links.random() * 3)
      return lose(links, link)
    }
  }
  await passed(links, way, Buffer.alloc(0))
  to.end()
}

function lose(links: Links, link: Link): void {
  if (!links.open.has(link)) return
  links.lost += 1
  cut(links, link)
}

/** Waits as long as the link takes; returns as much as may pass now. */
async function passed(links: Links, way: 'toServer' | 'toClient', rest: Buffer): Promise<Buffer> {
  await opened(links, way)
  const { delayMs = 0, jitterMs = 0, bytesPerSecond } = links.rule[way] ?? {}
  const slice =
    bytesPerSecond === undefined
      ? rest
      : rest.subarray(0, Math.max(1, Math.floor((bytesPerSecond * sliceMs) / 1000)))
  const ms =
    delayMs +
    jitterMs * (jitterMs > 0 ? links.random() : 0) +
    (bytesPerSecond === undefined ? 0 : (slice.length / bytesPerSecond) * 1000)
  if (ms > 0) await sleep(ms)
  await opened(links, way)
  return slice
}

/** Resolves when the link is not stalled. */
async function opened(links: Links, way: 'toServer' | 'toClient'): Promise<void> {
  for (;;) {
    if (links.rule[way]?.isStalled !== true) return
    await links.changed.promise
  }
}
