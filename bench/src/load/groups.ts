import { performance } from 'node:perf_hooks'
import type { Link } from '../wire/link.ts'
import { SendRing } from '../wire/send-ring.ts'
import { sendTemplate } from '../wire/send-template.ts'
import type { Driver } from './closed.ts'
import { messagesOf, scheduled } from './open.ts'
import type { GroupsPlan, PlannedGroup, ShareFigures } from './plan.ts'
import type { Tally } from './tally.ts'

/** The group of message i, and who of it writes: what all processes of a load agree on without a word. */
export function turnOf(
  conversations: readonly PlannedGroup[],
  i: number,
): { readonly group: number; readonly sender: number } {
  const group = i % conversations.length
  const { senders } = conversations[group] as PlannedGroup
  return { group, sender: senders[Math.floor(i / conversations.length) % senders.length] as number }
}

/**
 * Message i is due at origin + i / rate, in group i mod groups, by the next of its senders. Every process of the load
 * knows all messages beforehand and writes those of its own clients.
 * @param links by index of the client; undefined where another process plays it
 */
export function groupsDriver(links: readonly (Link | undefined)[], plan: GroupsPlan, tally: Tally): Driver {
  const { conversations } = plan
  const total = messagesOf(plan)
  const rings = conversations.map(
    ({ target }) => new SendRing(sendTemplate(plan.codec, target, plan.text), 1),
  )
  const arrivals = new Uint32Array(total)
  const lastUs = new Float64Array(total)
  tally.reactions = {
    acked: () => undefined,
    pushed: (link, n, now) => {
      if (tally.isStalled(link.index)) return
      arrivals[n] = (arrivals[n] as number) + 1
      lastUs[n] = (now - tally.ledger.intendedAt(n)) * 1000
    },
  }
  const write = (i: number, due: number): void => {
    const { group, sender } = turnOf(conversations, i)
    const link = links[sender]
    if (link === undefined) return
    const now = performance.now()
    tally.wrote(i, now)
    if (tally.isMeasured(due)) tally.lag.record((now - due) * 1000)
    link.outstanding += 1
    rings[group]?.sendCopy(link.socket, i)
  }
  const schedule = scheduled(plan, write)
  const stalls = stallsOf(links, plan)
  const share = (): ShareFigures => ({
    arrivals,
    lastUs,
    lastSeqs: tally.lastSeqs(
      conversations,
      (client) => links[client] !== undefined && !tally.isStalled(client),
    ),
    ack: tally.ack.buckets(),
    delivery: tally.delivery.buckets(),
    service: tally.service.buckets(),
  })
  return {
    prepare: schedule.prepare,
    start: (origin) => {
      for (let i = 0; i < total; i++) {
        const { group, sender } = turnOf(conversations, i)
        tally.planned(sender, origin + (i * 1000) / plan.rate, group)
      }
      stalls.start()
      schedule.start(origin)
    },
    stop: async () => {
      await schedule.stop()
      stalls.stop()
    },
    readEnd: () => undefined,
    share,
  }
}

function stallsOf(
  links: readonly (Link | undefined)[],
  { stall }: GroupsPlan,
): { readonly start: () => void; readonly stop: () => void } {
  const timers: NodeJS.Timeout[] = []
  const all = (act: (link: Link) => void): void => {
    for (const client of stall?.clients ?? []) {
      const link = links[client]
      if (link !== undefined) act(link)
    }
  }
  const resume = (): void => all((link) => link.resume())
  return {
    start: () => {
      if (stall === undefined) return
      timers.push(setTimeout(() => all((link) => link.pause()), stall.from * 1000))
      timers.push(setTimeout(resume, (stall.from + stall.seconds) * 1000))
    },
    stop: () => {
      for (const timer of timers) clearTimeout(timer)
      resume()
    },
  }
}
