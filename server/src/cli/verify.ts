import type { LogReport } from '../core/messages/log-verification.ts'
import { openStore } from '../storage/open.ts'
import { command, readOptions } from './arguments.ts'
import { placeOptions, refuseMissing, storeUrlOf } from './place.ts'
import { withTurns } from './showing.ts'
import { beside, placeOf, readWhole } from './soundness.ts'

export interface Told {
  readonly lines: readonly string[]
  /** Whether every log holds. */
  readonly sound: boolean
}

/**
 * `nexo verify`: whether the stored logs are what was written – no number missing, every message linked to the one
 * before it, every body what its digest vouches for. Reads only; the server must not run meanwhile.
 */
export async function verify(args: readonly string[], progress: (line: string) => void): Promise<Told> {
  return verifyUrl(storeUrlOf(readOptions(placeOptions, args)), progress)
}

export const verifyCommand = command({
  name: 'verify',
  summary: 'checks the stored logs; no service may run on an embedded store meanwhile',
  options: placeOptions,
  async run(values, terminal) {
    const { lines, sound } = await verifyUrl(storeUrlOf(values), terminal.err, terminal.signal)
    for (const line of lines) terminal.out(line)
    return sound ? 0 : 1
  },
})

async function verifyUrl(url: string, progress: (line: string) => void, signal?: AbortSignal): Promise<Told> {
  refuseMissing(url)
  const damaged = new Set<string>()
  const store = await openStore(url, progress, (what) => damaged.add(what))
  try {
    const began = performance.now()
    const report = await readWhole(withTurns(store, signal), ({ conversations, messages }) =>
      progress(`${conversations} conversations, ${messages} messages …`),
    )
    return told(report, damaged, (performance.now() - began) / 1000)
  } finally {
    await store.close()
  }
}

const words = {
  gap: 'is missing, or stands in another place',
  chain: 'does not follow from the message before it: it, its digest or that one was altered',
  digest: 'has a body that was altered after it was stored',
} as const

function told(
  { conversations, messages, bodies, faults }: LogReport,
  damaged: ReadonlySet<string>,
  seconds: number,
): Told {
  const counted = `${conversations} conversations, ${messages} messages, ${bodies} bodies checked in ${seconds.toFixed(1)} s`
  const lines = [
    ...faults.map((fault) => `${placeOf(fault)} ${words[fault.problem]}`),
    ...beside(damaged, faults).map((what) => `${what} is not what was stored`),
  ]
  const sound = lines.length === 0
  return { sound, lines: [...lines, sound ? `sound: ${counted}` : `${lines.length} damaged: ${counted}`] }
}
