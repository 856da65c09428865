import { generate } from '../child.ts'
import type { StoreName } from '../engines/engine.ts'
import { describeEnvironment } from '../environment.ts'
import type { LoadClient } from '../load/plan.ts'
import { readOptions } from '../options.ts'
import { faults } from '../report.ts'
import { openAccounts } from '../scenarios/accounts.ts'
import { basics, openPairs, type Pairs } from '../scenarios/pairs.ts'
import { readBack } from '../scenarios/read-back.ts'
import { type Stage, sendsLimit, withServer } from '../scenarios/stage.ts'
import type { Pace } from './load/plan.ts'
import { blankRun, checked, hindrances, judged, measured, type Run } from './run.ts'

/** What our own server is asked to do; a store other than SQLite is found by its variable in the environment. */
export interface OurTask {
  readonly store: StoreName
  readonly pace: Pace
  readonly clients: number
  readonly seconds: number
  readonly text: string
  /** The store's process, where it is ours. */
  readonly storePid: number | undefined
  /** The data folder is made in it. */
  readonly folder: string
}

const scenarios = { closed: 'send-closed', open: 'send-open', fanout: 'fanout' } as const

/** A fresh server with its shipped defaults and an empty store, one run, and what its history says of it. */
export function runOurs(task: OurTask): Promise<Run> {
  const given = ['--store', task.store, '--seconds', String(task.seconds), '--data', task.folder]
  const options = readOptions([scenarios[task.pace.kind], ...given])
  return withServer(options, [sendsLimit], (stage) => play(stage, task))
}

async function play(stage: Stage, { pace, clients, text, storePid }: OurTask): Promise<Run> {
  const people = pace.kind === 'fanout' ? await openGroup(stage, clients) : await openPairs(stage, clients)
  const result = await generate({
    ...basics(stage),
    text,
    clients: people.clients,
    conversations: people.conversations,
    ...pace,
    ...(storePid !== undefined && { storePid }),
  })
  const back = await readBack(stage.api, people.conversations, result.sent, people.userIds, text)
  const { version, durability, setting } = stage.place
  return {
    ...blankRun({
      who: `Nexo IM ${describeEnvironment().commit ?? ''}`.trim(),
      durability,
      setting: [`${version}, ${setting}`, ...stage.raised].join('; '),
    }),
    ...measured(result, pace.kind),
    ...checked(result, back, true),
    ...judged(faults(result, back), pace.kind === 'open' ? hindrances(result) : []),
  }
}

/** One group with everybody in it, in which the first writes. */
async function openGroup(stage: Stage, count: number): Promise<Pairs> {
  const accounts = await openAccounts(stage, count)
  const [owner, ...others] = accounts
  if (owner === undefined || others.length === 0) throw new Error('a group has at least two members')
  const memberIds = others.map(({ userId }) => userId)
  const groupId = await stage.api.createGroup(owner.token, 'bench', memberIds)
  const clients = accounts.map(
    ({ token }, i): LoadClient => (i === 0 ? { token, target: { group_id: groupId } } : { token }),
  )
  return {
    clients,
    userIds: accounts.map(({ userId }) => userId),
    conversations: [
      {
        id: `sg_${groupId}`,
        reader: (others.at(-1) ?? owner).token,
        members: accounts.map((_, i) => i),
      },
    ],
  }
}
