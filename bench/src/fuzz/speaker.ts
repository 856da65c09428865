import { frameBytes } from './frame-writer.ts'
import { openProbe, type Probe } from './probe.ts'

/** A request as it goes out; nobody else than who made it knows what is wrong with it. */
export interface Asked {
  readonly text: string
  /** Its number, where it must come back unharmed. */
  readonly incr: string | undefined
}

export interface Answered {
  readonly asked: Asked
  readonly code: number
}

export interface Speaker {
  /** Sends all and waits for the answer of each; what has none says so in `lost`. */
  ask(requests: readonly Asked[]): Promise<readonly Answered[]>
  /** Why answers were missing, so far. */
  readonly complaints: readonly string[]
  end(): Promise<void>
}

export interface SpeakerWish {
  readonly host: string
  readonly port: number
  readonly subprotocol: 'nexo.v1' | undefined
  /** Called again when a request ended the sign-in. */
  token(isEnded: boolean): Promise<string>
}

interface Reply {
  readonly req_identifier: number
  readonly msg_incr: string
  readonly code: number
}

/** Requests that are on their way at once: a quarter of what the server would call abuse. */
const window = 256
const patienceMs = 5000
const sessionEnded = 4401

export async function openSpeaker(wish: SpeakerWish): Promise<Speaker> {
  const complaints: string[] = []
  const open = async (isEnded: boolean): Promise<Probe> =>
    openProbe({ ...wish, token: await wish.token(isEnded), subprotocol: wish.subprotocol })
  let probe = await open(false)
  const opcode = wish.subprotocol === undefined ? 2 : 1

  async function askSome(some: readonly Asked[]): Promise<Answered[]> {
    if (probe.isEnded) probe = await open(true)
    probe.forget()
    probe.write(Buffer.concat(some.map(({ text }) => frameBytes({ opcode, payload: text }))))
    const replies: Reply[] = []
    let read = 0
    const isDone = (): boolean => {
      for (; read < probe.heard.length; read++) {
        const frame = probe.heard[read]
        if (frame === undefined || frame.opcode > 2) continue
        const reply = JSON.parse(frame.payload.toString()) as Reply
        if (isAnswer(reply)) replies.push(reply)
      }
      return replies.length >= some.length
    }
    await probe.until(() => isDone() || probe.closeCode !== undefined, patienceMs)
    isDone()
    if (replies.length < some.length) {
      const first = some[replies.length]?.text.slice(0, 600)
      if (probe.closeCode !== sessionEnded) {
        complaints.push(`no answer (closed with ${probe.closeCode ?? 'nothing'}) to ${first}`)
      }
      await probe.end(patienceMs)
    }
    return replies.map((reply, i): Answered => {
      const asked = some[i] as Asked
      if (asked.incr !== undefined && asked.incr !== reply.msg_incr) {
        complaints.push(
          `number ${reply.msg_incr.slice(0, 60)} came back for ${asked.incr}: ${asked.text.slice(0, 600)}`,
        )
      }
      return { asked, code: reply.code }
    })
  }

  return {
    complaints,
    ask: async (requests) => {
      const answers: Answered[] = []
      for (let at = 0; at < requests.length; at += window) {
        answers.push(...(await askSome(requests.slice(at, at + window))))
      }
      return answers
    },
    end: async () => void (await probe.end(patienceMs)),
  }
}

/** Events have numbers of their own, and no number of a request. */
function isAnswer({ req_identifier: id, msg_incr: incr }: Reply): boolean {
  return incr !== '' || id < 2000 || id > 3001
}
