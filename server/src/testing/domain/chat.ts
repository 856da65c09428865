import type { Input, OperationName } from '@nexo-im/protocol'
import type { Entry } from '../../core/ports.ts'
import { type Cast, castOf } from './cast.ts'
import { dumpStore } from './dump.ts'

type Send = Input<'message.send'>

/** A cast that talks. */
export interface Chat extends Cast {
  send(who: string, to: Pick<Send, 'recv_id' | 'group_id'>, what: string | Partial<Send>): Promise<Entry>
  /** A quote of a message of the same conversation. */
  quote(who: string, to: Pick<Send, 'recv_id' | 'group_id'>, seq: number, text?: string): Promise<Entry>
  /** One message as somebody sees it. */
  seen(who: string, conversation: string, seq: number): Promise<Entry>
  /** The name of the error something ends with. Throws when it ends well, or when the refused one changed anything. */
  denied<N extends OperationName>(who: string, name: N, input: Input<N>): Promise<string>
}

export async function chatOf(options: Parameters<typeof castOf>[0] = {}): Promise<Chat> {
  const cast = await castOf(options)
  const { act, core } = cast
  let ids = 0

  function send(
    who: string,
    to: Pick<Send, 'recv_id' | 'group_id'>,
    what: string | Partial<Send>,
  ): Promise<Entry> {
    ids += 1
    const content = typeof what === 'string' ? { content: { text: what } } : what
    return act(who, 'message.send', { client_msg_id: `c${ids}`, msg_type: 1, content: {}, ...to, ...content })
  }

  return {
    ...cast,
    send,
    quote: (who, to, seq, text = 'so true') =>
      send(who, to, { msg_type: 8, content: { quote: { seq, text } } }),
    seen: async (who, conversation_id, seq) => {
      const page = await act(who, 'message.pull', { conversation_id, begin_seq: seq, end_seq: seq })
      const [entry] = page.messages
      if (!entry) throw new Error(`${who} does not see ${conversation_id} ${seq}`)
      return entry
    },
    denied: async (who, name, input) => {
      await cast.join(who)
      const before = await dumpStore(core.store)
      const error = await cast.refusal(who, name, input)
      if (error === 'done') throw new Error(`${name} was not refused`)
      if ((await dumpStore(core.store)) !== before)
        throw new Error(`${name} was refused and changed something`)
      return error
    },
  }
}
