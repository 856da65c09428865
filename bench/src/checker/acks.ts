import type { Sighting } from './history.ts'
import type { Rule } from './rule.ts'
import { difference, fateOf, keyOf, type Message, okAcks, type World } from './world.ts'

/** By reader and conversation: the records by sender and client id. */
type Held = Map<string, Map<string, Sighting>>

function held(world: World): Held {
  const all: Held = new Map()
  for (const [key, log] of world.logs) {
    all.set(
      key,
      new Map(log.records.map((record) => [keyOf(record.sender_id, record.client_msg_id), record])),
    )
  }
  return all
}

/** Why the readers do not hold an acked message as it was sent and acked, or undefined. */
function lossOf(world: World, logs: Held, message: Message): string | undefined {
  const members = world.members.get(message.conversation) ?? []
  // Whoever comes and goes is no lasting member; whether they were in when they sent it is another rule.
  const isGuest = world.moves.get(message.conversation)?.some((move) => move.args.user === message.sender)
  if (!members.includes(message.sender) && isGuest !== true)
    return 'its sender is no member of the conversation'
  for (const member of members) {
    const record = logs.get(keyOf(member, message.conversation))?.get(keyOf(message.sender, message.id))
    if (record === undefined) return `${member} does not have it`
    if (record.text !== message.text) return `${member} has another text`
    const differs = okAcks(message)
      .map(({ told }) => difference(told, record))
      .find((text) => text !== undefined)
    if (differs !== undefined) return `${member} has another record than was acked: ${differs}`
  }
  return undefined
}

export const ackedIsKept: Rule = {
  id: 'I1',
  says: 'every acked message is in the final log of every member, byte for byte',
  check: (world, fail) => {
    const logs = held(world)
    for (const [conversation, members] of world.members) {
      for (const member of members) {
        const log = world.logs.get(keyOf(member, conversation))
        if (log === undefined) fail(`${member} never read ${conversation} at the end`, 0)
        else if ((log.records.at(-1)?.seq ?? 0) !== log.maxSeq)
          fail(`${member} did not read ${conversation} to its end`, 0)
      }
    }
    let acked = 0
    for (const message of world.messages.values()) {
      if (fateOf(message) !== 'acked') continue
      acked += 1
      const loss = lossOf(world, logs, message)
      if (loss !== undefined) fail(`${message.sender} ${message.id} in ${message.conversation}: ${loss}`)
    }
    if (acked === 0) fail('nothing was acked, so nothing is proven', 0)
    return acked
  },
}

export const storedOnce: Rule = {
  id: 'I3',
  says: 'one record per sender and client id, and all its acks are equal',
  check: (world, fail) => {
    for (const log of world.logs.values()) {
      const seen = new Map<string, number>()
      for (const record of log.records) {
        const key = keyOf(record.sender_id, record.client_msg_id)
        const first = seen.get(key)
        if (first !== undefined) {
          const places = `seq ${first} and ${record.seq} of ${log.conversation}`
          fail(
            `${record.sender_id} ${record.client_msg_id} is stored twice: ${places}, read by ${log.reader}`,
          )
        }
        seen.set(key, record.seq)
      }
    }
    for (const message of world.messages.values()) {
      const [first, ...others] = okAcks(message)
      for (const other of others) {
        const differs = first && difference(first.told, other.told)
        if (differs !== undefined) fail(`${message.sender} ${message.id} was acked in two ways: ${differs}`)
      }
    }
    return world.messages.size
  },
}

export const refusedIsAbsent: Rule = {
  id: 'I8',
  says: 'a message whose every attempt was refused is not stored',
  check: (world, fail) => {
    const stored = new Set<string>()
    for (const log of world.logs.values()) {
      for (const record of log.records) stored.add(keyOf(record.sender_id, record.client_msg_id))
    }
    let refused = 0
    for (const [key, message] of world.messages) {
      if (fateOf(message) !== 'refused') continue
      refused += 1
      if (stored.has(key)) fail(`${message.sender} ${message.id} was refused, yet it is stored`)
    }
    return refused
  },
}
