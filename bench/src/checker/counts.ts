import type { Rule } from './rule.ts'
import { type Fate, fateOf } from './world.ts'

export const countsAgree: Rule = {
  id: 'I14',
  says: 'planned = sent = acked + refused + unknown, by the client and by its history',
  check: (world, fail) => {
    const counted = new Map<string, Record<Fate, number>>()
    for (const message of world.messages.values()) {
      const fates = counted.get(message.sender) ?? { acked: 0, refused: 0, unknown: 0 }
      fates[fateOf(message)] += 1
      counted.set(message.sender, fates)
    }
    for (const [client, { result }] of world.plans) {
      const own = counted.get(client) ?? { acked: 0, refused: 0, unknown: 0 }
      const sent = own.acked + own.refused + own.unknown
      if (result.planned !== sent) fail(`${client} planned ${result.planned}, its history has ${sent}`)
      for (const fate of ['acked', 'refused', 'unknown'] as const) {
        if (result[fate] !== own[fate])
          fail(`${client} counted ${result[fate]} ${fate}, its history has ${own[fate]}`)
      }
    }
    for (const client of counted.keys())
      if (!world.plans.has(client)) fail(`${client} sent, but left no plan`)
    for (const name of world.twiceSent)
      fail(`${name}: two sends claim one attempt, or differ in what they send`)
    for (const { client, args } of world.strayAcks) {
      fail(
        `${client} got an ack for ${args.client_msg_id}, attempt ${args.attempt}: not sent, or answered before`,
      )
    }
    return world.plans.size
  },
}
