import type { LoadClient, LoadPlan, PlannedConversation } from '../load/plan.ts'
import { type Account, openAccounts, singleChat } from './accounts.ts'
import type { Conversation } from './read-back.ts'
import type { Stage } from './stage.ts'

/** Clients 2i and 2i+1 write to each other. */
export interface Pairs {
  readonly clients: readonly LoadClient[]
  readonly userIds: readonly string[]
  readonly conversations: readonly (Conversation & PlannedConversation)[]
}

export async function openPairs(stage: Stage, count: number): Promise<Pairs> {
  if (count % 2 !== 0) throw new Error('--clients: pairs need an even number')
  const accounts = await openAccounts(stage, count)
  const partner = (i: number): Account => accounts[i ^ 1] as Account
  return {
    clients: accounts.map(({ token }, i) => ({
      token,
      port: nodeOf(stage, i),
      target: { recv_id: partner(i).userId },
    })),
    userIds: accounts.map((account) => account.userId),
    conversations: accounts.flatMap((account, i) =>
      i % 2 === 0
        ? [
            {
              id: singleChat(account.userId, partner(i).userId),
              reader: partner(i).token,
              members: [i, i + 1],
            },
          ]
        : [],
    ),
  }
}

/** Clients go round the nodes, so that the two of a pair sit on different ones. */
export function nodeOf(stage: Stage, client: number): number {
  return (stage.nodes[client % stage.nodes.length] ?? stage.server).port
}

/** The payload of every scenario: 300 bytes of plain words. */
export const text: string = 'every message carries these words '.repeat(9).slice(0, 300)

type Basics = Pick<
  LoadPlan,
  'host' | 'port' | 'serverPids' | 'storePid' | 'codec' | 'peer' | 'seconds' | 'warmUp' | 'text'
>

export function basics(stage: Stage): Basics {
  return {
    host: stage.server.host,
    port: stage.server.port,
    serverPids: stage.nodes.map((node) => node.pid),
    ...(stage.storePid !== undefined && { storePid: stage.storePid }),
    codec: stage.options.codec,
    peer: 'server',
    seconds: stage.options.seconds ?? 10,
    warmUp: 0.25,
    text,
  }
}
