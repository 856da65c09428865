import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ended, startChild } from '../child.ts'
import { openApi } from '../http.ts'
import { inParallel } from '../parallel.ts'
import { type Random, seeded } from '../random.ts'
import { singleChat } from '../scenarios/accounts.ts'
import { sendsLimit } from '../scenarios/stage.ts'
import { type ServerProcess, startServer } from '../server-process.ts'
import type { ChaosUser, FromLoad, Talk, ToLoad } from './setup.ts'

export interface KillOptions {
  readonly times: number
  readonly clients: number
  readonly seed: number
  /** Holds server data. */
  readonly folder: string
  readonly histories: string
  say(progress: string): void
}

const shortestLifeMs = 300
const longestLifeMs = 1500
const password = 'chaos-only-password'

/** R6: clients write histories while the server is killed again and again. Rejects when it does not come back. */
export async function killRun(options: KillOptions): Promise<void> {
  const random = seeded(options.seed)
  const configFile = join(options.folder, 'chaos.yaml')
  await writeFile(configFile, sendsLimit.yaml)
  options.say(`raised by configuration for this run: ${sendsLimit.words}`)
  const port = await freePort(random)
  const start = (): Promise<ServerProcess> =>
    startServer({ data: join(options.folder, 'data'), configFile, port })
  let server = await start()
  const load = startChild(new URL('./load.ts', import.meta.url))
  try {
    const users = await openUsers(server.url, options)
    let acked = 0
    const finished = Promise.withResolvers<void>()
    finished.promise.catch(() => undefined)
    load.once('exit', () => finished.reject(new Error('the load process ended early')))
    load.on('message', (message: FromLoad) => {
      if (message.type === 'progress') acked = message.acked
      else if (message.type === 'done') finished.resolve()
      else finished.reject(new Error(message.reason))
    })
    tell(load, {
      type: 'begin',
      setup: { url: server.url, users, folder: options.histories, seed: options.seed },
    })
    for (let kill = 1; kill <= options.times; kill++) {
      const before = acked
      await sleep(shortestLifeMs + random() * (longestLifeMs - shortestLifeMs))
      await server.kill()
      options.say(`kill ${kill} of ${options.times}, ${acked - before} acks in this life`)
      server = await start()
    }
    tell(load, { type: 'heal' })
    options.say('healing: repeating what is open, then reading everything')
    await finished.promise
  } finally {
    load.kill()
    await ended(load)
    await server.stop()
  }
}

function tell(load: ReturnType<typeof startChild>, message: ToLoad): void {
  load.send(message)
}

/**
 * Below the ports the system gives to outgoing connections: while the server is dead, a client that connects
 * could otherwise be given the very port it calls, and talk to itself.
 */
async function freePort(random: Random): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(random() * 10_000)
    const probe = createServer()
    try {
      probe.listen(port, '127.0.0.1')
      await once(probe, 'listening')
      return port
    } catch {
      // Taken: the next one.
    } finally {
      probe.close()
    }
  }
}

/** Pairs of single chats, and three groups: everybody, the first half, every third. */
async function openUsers(url: string, options: KillOptions): Promise<ChaosUser[]> {
  const api = openApi(url)
  try {
    const ids = Array.from({ length: options.clients }, (_, i) => `chaos-${String(i).padStart(3, '0')}`)
    const tokens = await inParallel(ids, 8, async (id) => {
      await api.register(id, password)
      return api.login(id, password)
    })
    const talks = ids.map((id, i): Talk[] => {
      const partner = ids[i ^ 1] as string
      return [{ id: singleChat(id, partner), target: { recv_id: partner } }]
    })
    const foreign: Talk[] = []
    const chosen = [() => true, (i: number) => i < options.clients / 2, (i: number) => i % 3 === 0]
    for (const [number, choose] of chosen.entries()) {
      const members = ids.map((_, i) => i).filter(choose)
      const others = members.filter((i) => i !== 0).map((i) => ids[i] as string)
      const groupId = await api.createGroup(tokens[0] as string, `group ${number}`, others)
      const talk = { id: `sg_${groupId}`, target: { group_id: groupId } }
      for (const [i, list] of talks.entries()) {
        if (choose(i)) list.push(talk)
        else foreign[i] = talk
      }
    }
    options.say(`${ids.length} users, ${ids.length / 2} single chats, ${chosen.length} groups`)
    return ids.map((userId, i) => {
      const user = { userId, token: tokens[i] as string, talks: talks[i] as Talk[] }
      return foreign[i] === undefined ? user : { ...user, foreign: foreign[i] }
    })
  } finally {
    api.close()
  }
}
