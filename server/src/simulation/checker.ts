import type { Sha256 } from '@nexo-im/protocol'
import { verifyStore } from '../core/messages/log-verification.ts'
import type { Entry, Store } from '../core/ports.ts'
import type { Heard, History, Sent } from './history.ts'

const everything = Number.MAX_SAFE_INTEGER
const nameOf = (sender: string, id: string): string => `${sender} ${id}`
const placeOf = (entry: Entry): string => `${entry.conversation_id} ${entry.seq}`

/** What an entry is, wherever it is seen; its body apart. */
const identityOf = ({ conversation_id, seq, id, sender_id, client_msg_id, send_at }: Entry): string =>
  [conversation_id, seq, id, sender_id, client_msg_id, send_at].join(' ')

/** Every way in which the store, at rest, contradicts what clients noted, or itself; in words. */
export async function contradictions(history: History, store: Store, sha256: Sha256): Promise<string[]> {
  const ids = await store.conversations({ limit: everything })
  const logs = new Map(
    await Promise.all(ids.map(async (id) => [id, await store.read(id, 1, everything, everything)] as const)),
  )
  const { faults } = await verifyStore(store, sha256, () => undefined)
  return [
    ...history.strange,
    ...faults.map(({ conversation, seq, problem }) => `chain: ${conversation} ${seq} has a wrong ${problem}`),
    ...[...logs.values()].flatMap(logFaults),
    ...sendFaults(history.sent, [...logs.values()].flat()),
    ...orderFaults(history.sent),
    ...sightingFaults(history, [...logs.values()].flat()),
    ...history.heard.flatMap(pushFaults),
    ...history.heard.flatMap((heard) => silenceFaults(heard, logs)),
  ]
}

function logFaults(log: readonly Entry[]): string[] {
  return log.flatMap((entry, i) => {
    const before = log[i - 1]
    return [
      ...(entry.seq === i + 1 ? [] : [`I4: ${placeOf(entry)} stands where ${i + 1} belongs`]),
      ...(before && entry.send_at < before.send_at
        ? [`I13: ${placeOf(entry)} was sent before the one in front`]
        : []),
    ]
  })
}

function sendFaults(sent: readonly Sent[], stored: readonly Entry[]): string[] {
  const faults: string[] = []
  const kept = new Map<string, Entry>()
  for (const entry of stored) {
    const name = nameOf(entry.sender_id, entry.client_msg_id)
    if (kept.has(name)) faults.push(`I3: ${name} is stored twice`)
    kept.set(name, entry)
  }
  const known = new Set<string>()
  for (const { sender, id, conversation, text, acks, isDoubtful, isRefused } of sent) {
    const name = nameOf(sender, id)
    known.add(name)
    const entry = kept.get(name)
    for (const ack of acks) {
      if (entry === undefined) faults.push(`I1: ${name} was acked and is not stored`)
      else if (identityOf(ack.entry) !== identityOf(entry))
        faults.push(`I3: ${name} was acked as another one`)
    }
    if (entry && isRefused && !isDoubtful && acks.length === 0)
      faults.push(`I8: ${name} was refused and is stored`)
    if (
      entry &&
      (entry.conversation_id !== conversation || (JSON.parse(entry.body) as { text: string }).text !== text)
    )
      faults.push(`I2: ${name} is stored as something else`)
  }
  for (const name of kept.keys()) if (!known.has(name)) faults.push(`I2: ${name} was never sent`)
  return faults
}

/** Whatever was begun after an ack has a higher seq. */
function orderFaults(sent: readonly Sent[]): string[] {
  const faults: string[] = []
  const acked = sent.flatMap((message) => {
    const [first] = message.acks
    return first
      ? [{ ...message, returned: Math.min(...message.acks.map(({ at }) => at)), seq: first.entry.seq }]
      : []
  })
  const conversations = Map.groupBy(acked, ({ conversation }) => conversation)
  for (const list of conversations.values()) {
    let earliest = Number.POSITIVE_INFINITY
    for (const { sender, id, seq, invoked, returned } of list.toSorted((a, b) => b.seq - a.seq)) {
      if (earliest < invoked)
        faults.push(`I5: ${nameOf(sender, id)} has seq ${seq}, a higher one was acked before it was begun`)
      earliest = Math.min(earliest, returned)
    }
  }
  return faults
}

function sightingFaults({ heard, pulled }: History, stored: readonly Entry[]): string[] {
  const kept = new Map(stored.map((entry) => [placeOf(entry), entry]))
  const seen = [
    ...pulled.flatMap(({ who, entries }) => entries.map((entry) => ({ by: `pulled by ${who}`, entry }))),
    ...heard.flatMap(({ who, told }) =>
      told.flatMap(({ name, data }) =>
        name === 'message_received' ? [{ by: `pushed to ${who}`, entry: data as Entry }] : [],
      ),
    ),
  ]
  return seen.flatMap(({ by, entry }) => {
    const found = kept.get(placeOf(entry))
    return found && identityOf(found) === identityOf(entry) && found.body === entry.body
      ? []
      : [`I6: ${placeOf(entry)}, ${by}: ${found ? 'another one is stored' : 'nothing is stored'}`]
  })
}

/** On a connection seqs rise by one; a hole is told of before anything later. */
function pushFaults({ who, node, told }: Heard): string[] {
  const faults: string[] = []
  const last = new Map<string, number>()
  const open = new Set<string>()
  for (const { name, data } of told) {
    if (name === 'resync') {
      const named = Object.entries((data as { conversations: Record<string, number> }).conversations)
      if (named.length === 0) for (const conversation of last.keys()) open.add(conversation)
      for (const [conversation, seq] of named)
        last.set(conversation, Math.max(seq, last.get(conversation) ?? 0))
    } else if (name === 'message_received') {
      const { conversation_id, seq } = data as Entry
      const before = last.get(conversation_id)
      const mayJump = open.delete(conversation_id)
      last.set(conversation_id, Math.max(seq, before ?? 0))
      if (before !== undefined && seq !== before + 1 && !(mayJump && seq > before))
        faults.push(`I7: ${who} on node ${node}: ${conversation_id} ${seq} was pushed after ${before}`)
    }
  }
  return faults
}

/** Who is connected when all is well again hears the last message of every conversation. */
function silenceFaults(
  { who, node, told, isOpen }: Heard,
  logs: ReadonlyMap<string, readonly Entry[]>,
): string[] {
  if (!isOpen) return []
  const faults: string[] = []
  for (const [conversation, log] of logs) {
    const last = log.at(-1)
    const isMember = conversation.startsWith('sg_') || conversation.slice(3).split(':').includes(who)
    if (!last || !isMember) continue
    const isHeard = told.some(
      ({ name, data }) => name === 'message_received' && (data as Entry).id === last.id,
    )
    if (!isHeard)
      faults.push(
        `G4: ${who} on node ${node} never heard ${placeOf(last)}, the last it heard: ${told.slice(-6).map(wordOf).join(', ')}`,
      )
  }
  return faults
}

function wordOf({ name, data }: Heard['told'][number]): string {
  return name === 'message_received' ? placeOf(data as Entry) : `${name} ${JSON.stringify(data)}`
}
