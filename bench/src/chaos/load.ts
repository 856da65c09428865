import { join } from 'node:path'
import { openApi } from '../http.ts'
import { inParallel } from '../parallel.ts'
import { seeded } from '../random.ts'
import { ChaosClient } from './client.ts'
import { groupOf, guestOf, hostOf, type Visitor } from './guest.ts'
import { microseconds, openJournal } from './journal.ts'
import type { ChaosSetup, FromLoad, ToLoad } from './setup.ts'

// A process of its own, so that nothing of the clients dies with the server: `begin`, then `heal`, then it is done.
const progressMs = 50
const visitorRestMs = 900
const readersAtOnce = 8

function tell(message: FromLoad): void {
  process.send?.(message)
}

async function play(setup: ChaosSetup, healed: Promise<void>): Promise<void> {
  const api = openApi(setup.url)
  const clients = setup.users.map((user, index) => {
    const journal = openJournal(join(setup.folder, `${user.userId}.jsonl`), user.userId)
    return new ChaosClient(user, {
      url: setup.url,
      api,
      journal,
      random: seeded(setup.seed + index + 1),
      patienceMs: setup.patienceMs,
    })
  })
  const watch = setInterval(() => {
    tell({
      type: 'progress',
      at: microseconds(),
      acked: clients.reduce((sum, client) => sum + client.acked, 0),
      connected: clients.filter((client) => client.isConnected).length,
    })
  }, progressMs)
  const visit = openVisit(setup, clients.length)
  const everybody = [...clients, ...visit.clients]
  const running = Promise.all([...everybody, ...visit.visitors].map((one) => one.run()))
  await healed
  for (const one of [...everybody, ...visit.visitors]) one.heal()
  await running
  await visit.conclude()
  await inParallel(everybody, readersAtOnce, (client) => client.finish())
  clearInterval(watch)
  api.close()
  visit.close()
}

interface Visit {
  readonly clients: readonly ChaosClient[]
  readonly visitors: readonly Visitor[]
  /** Who is where in the end. */
  conclude(): Promise<void>
  close(): void
}

/** Those who come and go, over connections of their own: nobody waits for them. */
function openVisit(setup: ChaosSetup, before: number): Visit {
  const { host, guests, password, revokeMs } = setup.visitors
  const api = openApi(setup.url)
  const opened = [host, ...guests].map((user, index) => {
    const journal = openJournal(join(setup.folder, `${user.userId}.jsonl`), user.userId)
    const random = seeded(setup.seed + before + index + 1)
    const { url, patienceMs } = setup
    const context = { url, api, journal, random, patienceMs, restMs: visitorRestMs }
    const client = new ChaosClient(user, context)
    // What it does beside the sending has a row of its own: neither changes what the other does.
    const chance = seeded(setup.seed - index - 1)
    if (user === host) return { client, visitor: hostOf(client, host.talks, guests, chance) }
    const { userId, token } = user
    const signIn = { userId, password, api, journal, token, platform: 5, session: 0, withinMs: revokeMs }
    client.renew(token, 0)
    return { client, visitor: guestOf(client, user, signIn, chance) }
  })
  return {
    clients: opened.map(({ client }) => client),
    visitors: opened.map(({ visitor }) => visitor),
    conclude: async () => {
      for (const room of host.talks) await opened[0]?.client.account.members(groupOf(room))
    },
    close: api.close,
  }
}

const heal = Promise.withResolvers<void>()
process.on('message', (message: ToLoad) => {
  if (message.type === 'heal') return heal.resolve()
  play(message.setup, heal.promise)
    .then(
      () => tell({ type: 'done' }),
      (error: unknown) =>
        tell({ type: 'failed', reason: error instanceof Error ? String(error.stack) : String(error) }),
    )
    .finally(() => process.disconnect())
})
process.on('disconnect', () => process.exit())
