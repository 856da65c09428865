import type { Client } from '../api.ts'
import { type ClientOptions, createClient } from '../client.ts'
import type { Network } from '../network.ts'
import { memoryOutbox } from '../store/memory.ts'
import type { OpenOutbox } from '../store/outbox-store.ts'
import { createTestClock, type TestClock } from './clock.ts'
import { ScriptedServer } from './scripted-server.ts'

/** A network that a test unplugs. */
export interface TestNetwork extends Network {
  set(online: boolean): void
}

function createTestNetwork(): TestNetwork {
  let up = true
  const listeners = new Set<(online: boolean) => void>()
  return {
    online: () => up,
    watch: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    set: (online) => {
      up = online
      for (const listener of [...listeners]) listener(online)
    },
  }
}

/** One server, one clock, and as many clients as a test likes. */
export interface World {
  readonly server: ScriptedServer
  readonly clock: TestClock
  readonly network: TestNetwork
  readonly outbox: OpenOutbox
  /** A client that nobody has signed in on. */
  client(options?: Partial<ClientOptions>): Client
  /** A client with a session, not yet connected. */
  signIn(userId: string, options?: Partial<ClientOptions>): Promise<Client>
  /** A client that is online and has its list. */
  goOnline(userId: string, options?: Partial<ClientOptions>): Promise<Client>
}

export function createWorld(): World {
  const server = new ScriptedServer()
  const clock = createTestClock()
  const network = createTestNetwork()
  const outbox = memoryOutbox()
  for (const id of ['ann', 'bob', 'cem']) server.ledger.addUser(id)
  const client: World['client'] = (options) =>
    createClient({
      url: 'http://im.test',
      links: [server.door],
      fetch: server.fetch,
      outbox,
      clock,
      network,
      random: () => 0.5,
      ...options,
    })
  const signIn: World['signIn'] = async (userId, options) => {
    const signed = client(options)
    await signed.login({ user_id: userId, password: 'correct horse' })
    await clock.settle()
    return signed
  }
  return {
    server,
    clock,
    network,
    outbox,
    client,
    signIn,
    goOnline: async (userId, options) => {
      const signed = await signIn(userId, options)
      await signed.connect()
      await clock.advance(100)
      return signed
    },
  }
}

/** What a screen shows of a conversation: `seq:text` once stored, `status:text` before. */
export function lines(client: Client, conversationId: string): string[] {
  return client.model
    .messages(conversationId)
    .messages.map((m) => `${m.seq || m.status}:${m.content.text?.text}`)
}

export function text(words: string): { type: number; content: { text: { text: string } } } {
  return { type: 1, content: { text: { text: words } } }
}
