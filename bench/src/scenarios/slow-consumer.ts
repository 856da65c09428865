import { setInterval } from 'node:timers'
import { atLeast, atMost } from '../figures.ts'
import type { Api } from '../http.ts'
import { inParallel } from '../parallel.ts'
import { readProcesses } from '../process-stats.ts'
import { type Row, rounded } from '../report.ts'
import type { Account } from './accounts.ts'
import { groupsRow } from './fanout-open.ts'
import { type Groups, openGroups, speak } from './groups.ts'
import type { Stage } from './stage.ts'

const slowShare = 0.05
/** Without slow members: long enough for a p99 to compare with. */
const calmSeconds = 15
const stallSecondsByDefault = 60
/** Before and after the stall, when all read. */
const aroundSeconds = 5
const fetchedAtOnce = 4

/** P11: fan-out with members who do not read for `--seconds`, against the same without. */
export async function slowConsumer(stage: Stage): Promise<Row> {
  const { members = 1000, rate = 100, seconds = stallSecondsByDefault } = stage.options
  const [calmGroup, slowGroup] = await openTwice(stage, members)
  const slow = Array.from({ length: Math.max(1, Math.floor(members * slowShare)) }, (_, i) => members - 1 - i)
  const calm = await withPeak(stage, () =>
    speak(stage, calmGroup, { rate, seconds: Math.min(calmSeconds, seconds) }),
  )
  stage.say(`${slow.length} of ${members} do not read for ${seconds} s`)
  const stall = { clients: slow, from: aroundSeconds, seconds }
  const run = await withPeak(stage, () =>
    speak(stage, slowGroup, { rate, seconds: seconds + 2 * aroundSeconds, stall }),
  )
  const { result, plan } = run.value
  const stalled = result.stalled ?? []
  const top = Math.max(...result.sent.seq)
  stage.say(`the slow ones fetch what they lack, up to seq ${top}`)
  const complete = await inParallel(stalled, fetchedAtOnce, async ({ client, lastSeq }) => {
    const { token } = slowGroup.accounts[client] as Account
    return (await reached(stage.api, token, plan.conversations[0]?.id ?? '', lastSeq)) === top
  })
  const wrong = complete.filter((isComplete) => !isComplete).length
  const calmResult = calm.value.result
  const calmFaults = calmResult.unpushed + calmResult.outOfOrder + calm.value.back.missing
  const letGo = stalled.filter(({ lost }) => lost !== undefined).length
  const notices = stalled.reduce((sum, { resyncs }) => sum + resyncs, 0)
  return groupsRow(stage, 'slow-consumer', run.value, {
    wrong: [
      ...(calmFaults > 0 ? [`${calmFaults} faults without slow members`] : []),
      ...(wrong > 0 || stalled.length < slow.length ? [`${wrong} slow members are not complete`] : []),
    ],
    emptiness:
      letGo + notices === 0
        ? ['the network took everything: nothing was ever left out for the slow ones']
        : [],
    figures: [
      atMost(
        'p99 of fast members',
        rounded(result.delivery.p99Ms / calmResult.delivery.p99Ms, 2),
        ' × without slow ones',
        1.3,
      ),
      atMost('RSS growth', rounded((run.peak - calm.peak) / 2 ** 20, 1), ' MiB', 64),
      atLeast('complete', rounded((1 - wrong / slow.length) * 100, 1), ' % of slow members', 100),
    ],
    notes: [
      `without slow members p99 ${calmResult.delivery.p99Ms} ms`,
      `${slow.length} slow members, ${letGo} of them let go by the server, ${notices} resync notices`,
      'RSS growth: highest of the server while they stall, above its highest without them',
    ],
  })
}

/** Two groups with the same members; another one speaks in each, so that no message of one is taken for the other's. */
async function openTwice(stage: Stage, members: number): Promise<[Groups, Groups]> {
  const everybody = Array.from({ length: members }, (_, i) => i)
  const swapped = [1, 0, ...everybody.slice(2)]
  const both = await openGroups(stage, members, [everybody, swapped])
  const only = (g: number): Groups => ({ ...both, conversations: both.conversations.slice(g, g + 1) })
  return [only(0), only(1)]
}

/** Runs `work` and looks once a second how much memory the nodes have. */
export async function withPeak<T>(stage: Stage, work: () => Promise<T>): Promise<{ value: T; peak: number }> {
  const pids = stage.nodes.map(({ pid }) => pid)
  let peak = 0
  const look = (): void => {
    peak = Math.max(peak, readProcesses(pids)?.rssBytes ?? Number.NaN)
  }
  const timer = setInterval(look, 1000)
  try {
    const value = await work()
    look()
    return { value, peak }
  } finally {
    clearInterval(timer)
  }
}

/** How far somebody comes without a gap who has everything up to `lastSeq` and fetches the rest. */
export async function reached(
  api: Pick<Api, 'pull'>,
  token: string,
  conversation: string,
  lastSeq: number,
): Promise<number> {
  for (let last = lastSeq; ; ) {
    const { messages } = await api.pull(token, conversation, last + 1)
    if (messages.length === 0) return last
    for (const { seq } of messages) {
      if (seq !== last + 1) return last
      last = seq
    }
  }
}
