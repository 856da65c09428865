import type { Amend, Entry } from '../../core/ports.ts'
import type { Outcome, Touched } from '../judge.ts'
import { entryText, indexesOf, type KeyNames, memberOf, ordered, pointerTo, recordText } from './encoding.ts'

/** Lua hands at most a few thousand words to one command. */
const wordLimit = 4000

/** Words for the same command and key, gathered: a batch is some dozen commands and not thousands. */
type Commands = Map<
  string,
  { readonly start: readonly [command: string, key: string]; readonly words: string[] }
>

function wordsFor(commands: Commands, command: string, key: string): string[] {
  const name = `${command} ${key}`
  const known = commands.get(name)
  if (known) return known.words
  const words: string[] = []
  commands.set(name, { start: [command, key], words })
  return words
}

export const twinName = (sender: string, clientMsgId: string): string => ordered([sender, clientMsgId])

/**
 * What an outcome does to Redis, as the last arguments of the script `commit`.
 * @param stored the entries that `outcome.amends` speaks of, where there are any
 */
export function effectsOf(outcome: Outcome, stored: ReadonlyMap<string, Entry>, keys: KeyNames): string[] {
  const commands: Commands = new Map()
  const twins: string[] = []
  const heads = new Map<string, number>()
  for (const entry of outcome.entries) {
    const { conversation_id, seq, sender_id, client_msg_id } = entry
    wordsFor(commands, 'HSET', keys.messages + conversation_id).push(String(seq), entryText(entry))
    twins.push(twinName(sender_id, client_msg_id), pointerTo(conversation_id, seq))
    heads.set(conversation_id, seq)
    if (seq === 1) wordsFor(commands, 'ZADD', keys.conversations).push('0', conversation_id)
  }
  for (const [conversation, seq] of heads)
    wordsFor(commands, 'HSET', keys.heads).push(conversation, String(seq))
  for (const entry of amended(outcome.amends, stored))
    wordsFor(commands, 'HSET', keys.messages + entry.conversation_id).push(
      String(entry.seq),
      entryText(entry),
    )
  for (const touched of outcome.records.values()) putRecord(commands, touched, keys)
  return [String(twins.length / 2), ...twins, ...spelled(commands)]
}

function amended(amends: readonly Amend[], stored: ReadonlyMap<string, Entry>): Iterable<Entry> {
  const entries = new Map<string, Entry>()
  for (const { conversation_id, seq, body, meta, salt } of amends) {
    const pointer = pointerTo(conversation_id, seq)
    const entry = stored.get(pointer)
    if (entry) entries.set(pointer, { ...entry, body, meta, salt })
  }
  return entries.values()
}

function putRecord(commands: Commands, { kind, key, before, after }: Touched, keys: KeyNames): void {
  const records = keys.records(kind)
  if (after) wordsFor(commands, 'HSET', records).push(ordered(key), recordText(kind, after))
  else wordsFor(commands, 'HDEL', records).push(ordered(key))
  for (const [index, fields] of indexesOf(kind)) {
    if (before && after && fields.every((field) => before[field] === after[field])) continue
    const name = keys.index(kind, index)
    if (before) wordsFor(commands, 'ZREM', name).push(memberOf(kind, fields, before))
    if (after) wordsFor(commands, 'ZADD', name).push('0', memberOf(kind, fields, after))
  }
}

function spelled(commands: Commands): string[] {
  const all: string[] = []
  for (const { start, words } of commands.values()) {
    for (let i = 0; i < words.length; i += wordLimit) {
      const part = words.slice(i, i + wordLimit)
      all.push(String(part.length + 2), ...start)
      // Not spread: a batch has more words than a call takes arguments.
      for (const word of part) all.push(word)
    }
  }
  return all
}
