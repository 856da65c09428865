import { performance } from 'node:perf_hooks'
import { atMost } from '../figures.ts'
import { Histogram } from '../histogram.ts'
import { firstAck } from '../load/first-ack.ts'
import { rounded } from '../report.ts'
import { digitsOf } from '../wire/digits.ts'
import type { Account } from './accounts.ts'
import { type CallFigures, type CallRow, callRow } from './calls.ts'
import type { Stage } from './stage.ts'
import { type FilledTalks, fillTalks, type Talk, wrongTalks } from './talks.ts'

const rounds = 5
const messagesByDefault = 1_000_000
const pageSize = 100

/** P14: killed with very many messages stored, and started again: until it is ready, and until the first ack. */
export async function restart(stage: Stage): Promise<CallRow> {
  const filled = await fillTalks(stage, stage.options.messages ?? messagesByDefault, 2)
  const ready = new Histogram()
  const acked = new Histogram()
  const talk = lastTalk(filled)
  for (let round = 0; round < rounds; round++) {
    // Something is always being written when it is killed.
    const cut = writeUntilCut(stage, talk)
    const began = performance.now()
    await stage.killAndStart()
    const readyMs = performance.now() - began
    await cut
    await talk.write(stage)
    const ackMs = performance.now() - began
    ready.record(readyMs * 1000)
    acked.record(ackMs * 1000)
    stage.say(
      `round ${round + 1}: ready after ${readyMs.toFixed(0)} ms, first ack after ${ackMs.toFixed(0)} ms`,
    )
  }
  stage.say('reading every message back')
  const calls = [callsOf('until ready', ready), callsOf('until the first ack', acked)]
  const seconds = (histogram: Histogram): number | null => rounded(histogram.latency().maxMs / 1000, 2)
  return callRow(stage, 'restart', {
    reasons: [...(await wrongTalks(stage, filled)), ...(await talk.wrong(stage))],
    size: { messages: filled.messages * filled.talks.length, kills: rounds },
    calls,
    figures: [
      atMost('ready, slowest', seconds(ready), ' s', 3),
      atMost('first ack, slowest', seconds(acked), ' s'),
    ],
    notes: ['from the kill on, the start of the process included; the page cache is warm'],
  })
}

/** The talk that is written to between the kills, behind what was filled. */
interface WrittenTalk {
  /** Rejects when the server goes before its ack. */
  write(stage: Stage): Promise<void>
  /** What was acked here and is not there, or not as it was acked. */
  wrong(stage: Stage): Promise<string[]>
}

function lastTalk(filled: FilledTalks): WrittenTalk {
  const { id, target, writer, text } = filled.talks.at(-1) as Talk
  const { token } = filled.accounts[writer] as Account
  const acks = new Map<number, string>()
  let next = filled.messages * filled.talks.length
  return {
    write: async ({ server: { host, port } }) => {
      const n = next++
      const { seq } = await firstAck({ host, port, token }, target, text, n)
      acks.set(seq, digitsOf(n))
    },
    wrong: async ({ api }) => {
      const stored = new Map<number, string>()
      for (let from = filled.messages + 1; ; from += pageSize) {
        const { messages } = await api.pull(token, id, from)
        for (const { seq, client_msg_id } of messages) stored.set(seq, client_msg_id)
        if (messages.length < pageSize) break
      }
      return [...acks].flatMap(([seq, clientId]) =>
        stored.get(seq) === clientId
          ? []
          : [`${id}: seq ${seq} was acked to ${clientId} and is ${stored.get(seq)}`],
      )
    },
  }
}

async function writeUntilCut(stage: Stage, talk: WrittenTalk): Promise<void> {
  try {
    for (;;) await talk.write(stage)
  } catch {
    // The kill: that is how it ends.
  }
}

function callsOf(name: string, histogram: Histogram): CallFigures {
  return { name, perSecond: null, firstMs: null, ...histogram.latency() }
}
