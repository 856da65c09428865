import { join } from 'node:path'
import { openApi } from '../http.ts'
import { inParallel } from '../parallel.ts'
import { seeded } from '../random.ts'
import { ChaosClient } from './client.ts'
import { microseconds, openJournal } from './journal.ts'
import type { ChaosSetup, FromLoad, ToLoad } from './setup.ts'

// A process of its own, so that nothing of the clients dies with the server: `begin`, then `heal`, then it is done.
const progressMs = 50
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
  const running = Promise.all(clients.map((client) => client.run()))
  await healed
  for (const client of clients) client.heal()
  await running
  await inParallel(clients, readersAtOnce, (client) => client.finish())
  clearInterval(watch)
  api.close()
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
