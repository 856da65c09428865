import type { SentColumns } from '../../load/plan.ts'
import { inParallel } from '../../parallel.ts'
import type { ReadBack } from '../../scenarios/read-back.ts'
import { readBuffer } from '../../wire/link.ts'
import type { XmppSpeech } from '../dialects/dialect.ts'
import { signIn, xmppName } from '../dialects/xmpp.ts'
import type { Lane } from '../wire/lane.ts'
import { numberOf } from '../wire/number.ts'
import { attributeOf } from '../wire/stanzas.ts'
import { type Archived, archiveJudge } from './judge.ts'

const readersAtOnce = 4
const pageSize = 250

/** One of each pair reads its whole archive (XEP-0313), which holds what both have written. */
export async function readMam(speech: XmppSpeech, clients: number, sent: SentColumns): Promise<ReadBack> {
  const judge = archiveJudge(sent, speech.text)
  const shared = readBuffer()
  const readers = Array.from({ length: Math.ceil(clients / 2) }, (_, pair) => pair * 2)
  await inParallel(readers, readersAtOnce, async (reader) => {
    const lane = await signIn({ ...speech, name: xmppName(reader) }, reader, shared)
    try {
      for (let after: string | undefined = ''; after !== undefined; ) {
        const page: MamPage = await ask(lane, after)
        for (const message of page.messages) judge.see(message, reader)
        after = page.next
      }
    } finally {
      lane.close()
    }
  })
  return judge.verdict()
}

interface MamPage {
  readonly messages: readonly Archived[]
  /** Undefined = this was the last one. */
  readonly next: string | undefined
}

async function ask(lane: Lane, after: string): Promise<MamPage> {
  const from = after === '' ? '' : `<after>${after}</after>`
  lane.write(
    `<iq type='set' id='page'><query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><max>${pageSize}</max>${from}</set></query></iq>`,
  )
  const messages: Archived[] = []
  for (;;) {
    const unit = await lane.next()
    if (unit.startsWith('<message')) messages.push(archivedIn(unit))
    else if (unit.startsWith('<iq')) return { messages, next: nextIn(unit) }
  }
}

/** The message that a result carries. */
export function archivedIn(result: string): Archived {
  const inner = result.slice(result.indexOf('<forwarded'))
  const tag = /<message\s[^>]*>/.exec(inner)?.[0] ?? ''
  const name = /^u(\d+)@/.exec(attributeOf(tag, 'from') ?? '')?.[1]
  return {
    n: numberOf(attributeOf(tag, 'id')),
    sender: name === undefined ? -1 : Number(name),
    text: /<body>([^<]*)<\/body>/.exec(inner)?.[1] ?? '',
  }
}

/** The id to go on after; throws for an answer that is an error, or is neither the end nor says how to go on. */
export function nextIn(answer: string): string | undefined {
  const fin = /<fin\s[^>]*>/.exec(answer)?.[0]
  if (fin === undefined) throw new Error(`the archive says: ${answer.slice(0, 300)}`)
  if (attributeOf(fin, 'complete') === 'true') return undefined
  const last = /<last>([^<]+)<\/last>/.exec(answer)?.[1]
  if (last === undefined) throw new Error(`the archive does not say how to go on: ${answer.slice(0, 300)}`)
  return last
}
