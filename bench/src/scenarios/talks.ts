import { type Filled, type FilledConversation, fill } from '../load/filler.ts'
import { inParallel } from '../parallel.ts'
import { digitsOf } from '../wire/digits.ts'
import { type Account, openAccounts, singleChat } from './accounts.ts'
import { nodeOf, text } from './pairs.ts'
import type { Stage } from './stage.ts'

const conversationsByDefault = 1000
const readersAtOnce = 8

/** A single chat that one of the two fills. */
export interface Talk extends FilledConversation {
  readonly id: string
  /** Indexes of both. */
  readonly members: readonly [number, number]
}

/** Very many messages, written through the door by few people. */
export interface FilledTalks {
  readonly accounts: readonly Account[]
  readonly talks: readonly Talk[]
  /** In each talk. */
  readonly messages: number
  readonly filled: Filled
  /** Messages a second. */
  readonly rate: number
}

/**
 * @param total messages in all conversations together, at the least
 * @param people at the least
 */
export async function fillTalks(stage: Stage, total: number, people: number): Promise<FilledTalks> {
  const count = Math.min(stage.options.conversations ?? conversationsByDefault, total)
  const messages = Math.ceil(total / count)
  const accounts = await openAccounts(stage, peopleFor(count, people))
  const talks = talksOf(accounts, count)
  stage.say(`filling ${count} conversations with ${messages} messages each`)
  const filled = await fill({
    host: stage.server.host,
    people: accounts.map(({ token }, i) => ({ token, port: nodeOf(stage, i) })),
    conversations: talks,
    messages,
  })
  const rate = Math.round((messages * count) / filled.seconds)
  stage.say(`filled in ${filled.seconds.toFixed(1)} s, ${rate} a second`)
  return { accounts, talks, messages, filled, rate }
}

/** The message with this seq of talk `c`, as it was acked. */
export function ackedAs(
  { talks, filled }: Pick<FilledTalks, 'talks' | 'filled'>,
  c: number,
  seq: number,
): { readonly clientId: string; readonly serverId: number } {
  const n = (seq - 1) * talks.length + c
  return { clientId: digitsOf(n), serverId: filled.serverIds[n] as number }
}

/** Reads every message back; what is not as it was acked, in words, the first few of them. */
export async function wrongTalks(stage: Pick<Stage, 'api'>, filled: FilledTalks): Promise<string[]> {
  const wrong: string[] = []
  await inParallel([...filled.talks.entries()], readersAtOnce, async ([c, talk]) => {
    const { token } = filled.accounts[talk.members[0]] as Account
    for (let next = 1; next <= filled.messages; ) {
      const { messages } = await stage.api.pull(token, talk.id, next)
      if (messages.length === 0) {
        wrong.push(`${talk.id}: acked messages from seq ${next} to ${filled.messages} are missing`)
        return
      }
      for (const message of messages) {
        if (next > filled.messages) break
        const { clientId, serverId } = ackedAs(filled, c, next)
        const { seq, client_msg_id, server_msg_id, content } = message
        const isRight =
          seq === next &&
          client_msg_id === clientId &&
          server_msg_id === serverId &&
          content.text?.text === talk.text
        if (!isRight) wrong.push(`${talk.id}: seq ${next} is ${client_msg_id} with seq ${seq}`)
        next += 1
      }
    }
  })
  return wrong.length > 5 ? [...wrong.slice(0, 5), `and ${wrong.length - 5} more`] : wrong
}

/** So few that any two of them make one of the conversations: connections cost more than messages. */
function peopleFor(conversations: number, atLeast: number): number {
  let people = Math.max(2, atLeast)
  while ((people * (people - 1)) / 2 < conversations) people += 1
  return people
}

function talksOf(accounts: readonly Account[], count: number): Talk[] {
  const talks: Talk[] = []
  for (let a = 0; a < accounts.length; a++) {
    for (let b = a + 1; b < accounts.length && talks.length < count; b++) {
      const writer = (a + b) % 2 === 0 ? a : b
      const other = accounts[writer === a ? b : a] as Account
      const id = singleChat((accounts[a] as Account).userId, (accounts[b] as Account).userId)
      const words = `${id} ${text}`.slice(0, text.length)
      talks.push({ id, writer, members: [a, b], target: { recv_id: other.userId }, text: words })
    }
  }
  return talks
}
