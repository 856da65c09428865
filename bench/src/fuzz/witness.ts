import { setTimeout as sleep } from 'node:timers/promises'
import { frameBytes } from './frame-writer.ts'
import { type Address, openProbe, type Probe } from './probe.ts'

/** Somebody healthy, who asks a small question twenty times a second while others do their worst. */
export interface Witness {
  readonly answered: number
  readonly worstMs: number
  /** Why it was not served; undefined = it always was. */
  readonly complaint: string | undefined
  stop(): Promise<void>
}

const pauseMs = 50
const patienceMs = 5000
const userInfo = 1020

export async function openWitness(address: Omit<Address, 'subprotocol'>): Promise<Witness> {
  const probe = await openProbe({ ...address, subprotocol: 'nexo.v1' })
  const state = { answered: 0, worstMs: 0, complaint: undefined as string | undefined, isOver: false }
  const done = (async () => {
    while (!state.isOver && state.complaint === undefined) {
      const began = performance.now()
      state.complaint = await ask(probe, state.answered)
      state.worstMs = Math.max(state.worstMs, performance.now() - began)
      if (state.complaint === undefined) state.answered += 1
      await sleep(pauseMs)
    }
  })()
  return {
    get answered() {
      return state.answered
    },
    get worstMs() {
      return Math.round(state.worstMs * 10) / 10
    },
    get complaint() {
      return state.complaint
    },
    stop: async () => {
      state.isOver = true
      await done
      await probe.end(1000)
    },
  }
}

async function ask(probe: Probe, n: number): Promise<string | undefined> {
  const incr = `"witness ${n}"`
  const request = `{"req_identifier":${userInfo},"msg_incr":${incr},"operation_id":"","data":{}}`
  probe.forget()
  probe.write(frameBytes({ opcode: 1, payload: request }))
  const isMine = (payload: Buffer): boolean => payload.includes(incr) && payload.includes('"err_code":0')
  const came = await probe.until(() => probe.heard.some(({ payload }) => isMine(payload)), patienceMs)
  if (probe.isEnded)
    return `a healthy client was closed with ${probe.closeCode ?? 'no code'} after ${n} answers`
  return came ? undefined : `a healthy client had no answer for ${patienceMs} ms after ${n} answers`
}
