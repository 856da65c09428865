import type { Rule } from './rule.ts'
import { risen, watchedServers } from './server-figures.ts'
import { finalRecords, type World } from './world.ts'

/** What the clients got, by code; 0 = acks. */
interface Answers {
  readonly counts: ReadonlyMap<number, number>
  /** Attempts of which nobody knows how the server ended them. */
  readonly open: number
}

const doubtful: ReadonlySet<number> = new Set([-1, 1002, 4005])
const sends = ['operation="message.send"']

/**
 * What servers count of themselves is what happened to their clients. Only looked at when every server lived through
 * all of the run: counters begin at 0 with each life.
 */
export const countersAgree: Rule = {
  id: 'I15',
  says: 'messages stored, acks and refusals by the counters of the servers are those of the histories',
  check: (world, fail) => {
    const servers = watchedServers(world)
    const isWhole = servers.every(
      ({ begin, end }) => begin.pid === end.pid && begin.figures !== undefined && end.figures !== undefined,
    )
    if (servers.length === 0 || !isWhole) return 0
    const total = (name: string, labels: readonly string[] = []): number =>
      servers.reduce((sum, server) => sum + risen(server, name, labels), 0)
    const aside = servers.reduce((sum, { end }) => sum + (end.aside ?? 0), 0)
    // What a store kept of a commit that it did not answer is stored and not counted.
    const isExact = total('im_commits_failed_total') === 0
    const stored = finalRecords(world).size + aside
    const kept = total('im_messages_stored_total')
    if (kept > stored || (isExact && kept < stored))
      fail(`${stored} messages are stored, the servers count ${kept}`)
    const { counts, open } = answersOf(world, aside)
    for (const [code, count] of counts) {
      const label = `code="${code}"`
      const counted = total('im_requests_total', [...sends, label])
      // What never became an operation stands among the errors alone.
      const most = code === 0 ? counted : counted + total('im_errors_total', [label])
      const what = code === 0 ? 'acks' : `sends refused with ${code}`
      if (most < count) fail(`the clients had ${count} ${what}, the servers count ${most}`)
      if (counted > count + open)
        fail(`the servers count ${counted} ${what}, the clients had ${count}, and ${open} without an answer`)
    }
    return 1 + counts.size
  },
}

/** @param aside acks that stand in no history */
function answersOf(world: World, aside: number): Answers {
  const counts = new Map([[0, aside]])
  let open = 0
  for (const { attempts } of world.messages.values()) {
    for (const ack of attempts.values()) {
      const code = ack === undefined ? -1 : ack.result.outcome === 'ok' ? 0 : ack.result.code
      if (doubtful.has(code)) open += 1
      else counts.set(code, (counts.get(code) ?? 0) + 1)
    }
  }
  return { counts, open }
}
