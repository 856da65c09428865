import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readConfig } from '../config.ts'
import { type LogReport, verifyStore } from '../core/messages/log-verification.ts'
import { sha256 } from '../sha256.ts'
import { openStore } from '../storage/open.ts'

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
  const text = { type: 'string' } as const
  const { values } = parseArgs({ args: [...args], options: { data: text, config: text } })
  const folder = resolve(values.data ?? 'data')
  const config = readConfig({ ...(values.config !== undefined && { file: values.config }), env: process.env })
  const url = config['storage.url'] ?? `sqlite:${join(folder, 'nexo.db')}`
  if (url.startsWith('sqlite:') && !existsSync(url.slice('sqlite:'.length)))
    throw new Error(`there is no store at ${url.slice('sqlite:'.length)}; name its folder with --data`)
  const store = await openStore(url)
  try {
    const began = performance.now()
    const report = await verifyStore(store, sha256, ({ conversations, messages }) =>
      progress(`${conversations} conversations, ${messages} messages …`),
    )
    return told(report, (performance.now() - began) / 1000)
  } finally {
    await store.close()
  }
}

const words = {
  gap: 'is missing, or stands in another place',
  chain: 'does not follow from the message before it: it, its digest or that one was altered',
  digest: 'has a body that was altered after it was stored',
} as const

function told({ conversations, messages, bodies, faults }: LogReport, seconds: number): Told {
  const counted = `${conversations} conversations, ${messages} messages, ${bodies} bodies checked in ${seconds.toFixed(1)} s`
  return {
    sound: faults.length === 0,
    lines: [
      ...faults.map((f) => `${f.conversation}: message ${f.seq} ${words[f.problem]}`),
      faults.length === 0 ? `sound: ${counted}` : `${faults.length} damaged: ${counted}`,
    ],
  }
}
