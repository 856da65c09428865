import {
  type Content,
  chainOf,
  contentType,
  digestOf,
  type Input,
  type Message,
  msgType,
  type OperationName,
  type Proof,
} from '@nexo-im/protocol'
import type { Call } from '../call.ts'
import { sha256 } from '../sha256.ts'

export const room = 'sg_7'

/** A stored message and what the log vouches for of it. */
export interface Kept {
  readonly proof: Proof
  readonly message: Message
}

/** A log as a server holds it: records by place, whatever their seqs say, and the chain value in front of them. */
export interface ServedLog {
  readonly records: readonly Kept[]
  readonly anchor?: string
  readonly minSeq?: number
  /** Newest seq, by what the server says; that of the last record unless given. */
  readonly maxSeq?: number
  /** Earlier versions of edited messages, by seq. */
  readonly edits?: ReadonlyMap<number, Content>
}

const key = (type: number): string => contentType(type)?.key ?? ''

/** A message behind another one, vouched for as the server does it. */
export function record(
  before: Kept | undefined,
  seq: number,
  said: Partial<Message> = {},
  salt = `salt ${seq}`,
): Kept {
  const type = said.msg_type ?? msgType.text
  const message: Message = {
    id: 1000 + seq,
    server_msg_id: 1000 + seq,
    conversation_id: room,
    seq,
    client_msg_id: `c${seq}`,
    sender_id: seq % 2 === 0 ? 'ann' : 'bob',
    recv_id: '',
    group_id: '7',
    session_type: 2,
    msg_type: type,
    content: { text: { text: `line ${seq}` } },
    send_at: 1_700_000_000_000 + seq,
    ...said,
  }
  const { snapshot: _, ...body } =
    (message.content as Record<string, Record<string, unknown>>)[key(type)] ?? {}
  const { id, client_msg_id, sender_id, send_at } = message
  const digest = digestOf(sha256, salt, JSON.stringify(body))
  const fixed = { seq, id, sender_id, client_msg_id, msg_type: type, send_at, digest }
  const chain = chainOf(sha256, before?.proof.chain ?? '', { ...fixed, conversation_id: room })
  return { proof: { ...fixed, salt, chain }, message }
}

export function honestLog(length: number, said: (seq: number) => Partial<Message> = () => ({})): Kept[] {
  const records: Kept[] = []
  for (let seq = 1; seq <= length; seq++) records.push(record(records.at(-1), seq, said(seq)))
  return records
}

/** Answers the questions of `verifyConversation` out of a log, page by page. */
export function serve({ records, anchor = '', minSeq = 1, edits = new Map(), ...log }: ServedLog): Call {
  const max = log.maxSeq ?? minSeq - 1 + records.length
  const stretch = ({
    begin_seq = 0,
    end_seq = 0,
    limit = 100,
  }: Input<'message.proofs'>): [number, Kept[]] => {
    const from = Math.max(begin_seq, minSeq) - minSeq
    const end = (end_seq <= 0 ? max : Math.min(end_seq, max)) - minSeq + 1
    return [from, records.slice(from, Math.min(end, from + limit))]
  }
  const answers: { readonly [N in OperationName]?: (input: never) => unknown } = {
    'conversation.info': () => ({ min_seq: minSeq }),
    'message.proofs': (input: Input<'message.proofs'>) => {
      const [from, found] = stretch(input)
      const before = from === 0 ? anchor : records[from - 1]?.proof.chain
      return { anchor: found.length > 0 ? before : '', proofs: found.map((r) => r.proof), max_seq: max }
    },
    'message.pull': (input: Input<'message.pull'>) => ({
      messages: stretch(input)[1].map((r) => r.message),
      max_seq: max,
    }),
    'message.edits': ({ seq }: Input<'message.edits'>) => [{ content: edits.get(seq), at: 1 }],
  }
  return async (name, input) => {
    await Promise.resolve()
    return answers[name]?.(input as never) as never
  }
}
