import { generateTogether } from '../child.ts'
import type { GroupsPlan, LoadClient, LoadResult, PlannedGroup, Stall } from '../load/plan.ts'
import { sharesOf, together } from '../load/shares.ts'
import { inParallel } from '../parallel.ts'
import { type Account, openAccounts } from './accounts.ts'
import { basics, nodeOf, text } from './pairs.ts'
import { type Conversation, type ReadBack, readBack } from './read-back.ts'
import type { Stage } from './stage.ts'

/** Below the 28,000 local ports of one address. */
const connectionsPerAddress = 20_000
const foundedAtOnce = 4

/** Groups whose members are all connected; in each its founder speaks. */
export interface Groups {
  readonly clients: readonly LoadClient[]
  readonly accounts: readonly Account[]
  readonly conversations: readonly (PlannedGroup & Conversation)[]
}

/** @param layout for each group the indexes of its members, the founder first */
export async function openGroups(
  stage: Stage,
  clients: number,
  layout: readonly (readonly number[])[],
): Promise<Groups> {
  const accounts = await openAccounts(stage, clients)
  const account = (i: number): Account => accounts[i] as Account
  const conversations = await inParallel(layout, foundedAtOnce, async (members, g) => {
    const [founder = 0, ...others] = members
    const ids = others.map((i) => account(i).userId)
    const groupId = await stage.api.createGroup(account(founder).token, `group ${g}`, ids)
    return {
      id: `sg_${groupId}`,
      target: { group_id: groupId },
      members,
      senders: [founder],
      reader: account(others.at(-1) ?? founder).token,
    }
  })
  return {
    accounts,
    conversations,
    clients: accounts.map(({ token }, i) => ({ token, port: nodeOf(stage, i), ...sourceOf(i) })),
  }
}

/**
 * Source address of connection `i`; none for as many as one address has ports for: the system finds a free port for a
 * connection many times faster than for a socket that is bound to an address first.
 */
export function sourceOf(i: number): { readonly from?: string } {
  const address = Math.floor(i / connectionsPerAddress)
  return address === 0 ? {} : { from: `127.0.0.${1 + address}` }
}

/**
 * `groups` groups in which each of the clients sits in `each`: a block of as many clients as there are groups gives every
 * group one member per seat, and each block is dealt out with a larger step.
 */
export function dealt(clients: number, groups: number, each: number): number[][] {
  const layout = Array.from({ length: groups }, (): number[] => [])
  for (let i = 0; i < clients; i++) {
    const step = Math.max(1, Math.floor(groups / each)) + Math.floor(i / groups)
    for (let k = 0; k < each; k++) layout[(i + k * step) % groups]?.push(i)
  }
  return layout.map((members) => [...new Set(members)])
}

/** All are members of one group; the first speaks. */
export async function openOneGroup(stage: Stage, members: number): Promise<Groups> {
  if (members < 2) throw new Error('--members: at least 2')
  const everybody = Array.from({ length: members }, (_, i) => i)
  return openGroups(stage, members, [everybody])
}

export interface GroupsRun {
  readonly plan: GroupsPlan
  readonly result: LoadResult
  readonly back: ReadBack
}

export interface GroupsWish {
  readonly rate: number
  readonly seconds?: number
  readonly stall?: Stall
}

/** Speaks at a fixed rate, then reads every message back. */
export async function speak(
  stage: Stage,
  { clients, accounts, conversations }: Groups,
  wish: GroupsWish,
): Promise<GroupsRun> {
  const plan: GroupsPlan = { ...basics(stage), ...wish, kind: 'groups', clients, conversations }
  stage.say(
    `${conversations.length} groups, ${clients.length} members online, ${plan.rate}/s, ${plan.seconds} s`,
  )
  const shares = sharesOf(plan, stage.options.generators ?? 1)
  const result = together(plan, await generateTogether(shares.map((share) => ({ ...plan, share }))))
  stage.say(`reading back ${result.acked} acked messages`)
  const userIds = accounts.map(({ userId }) => userId)
  return { plan, result, back: await readBack(stage.api, conversations, result.sent, userIds, text) }
}
