import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sumOf } from '../checker/server-figures.ts'
import type { Server } from '../checker/side-history.ts'
import type { FleetNode } from './fleet.ts'
import { microseconds, openJournal } from './journal.ts'

const answerMs = 3000
const restMs = 200
/** How long a server may take to notice that all have gone. */
const calmMs = 5000

/** Looks at the servers from outside before anybody comes, and when all are gone; written beside the histories. */
export interface Gauge {
  /** @param aside messages that were sent by those who keep no history */
  end(aside?: number): Promise<void>
}

export async function openGauge(nodes: readonly FleetNode[], folder: string): Promise<Gauge> {
  const journal = openJournal(join(folder, 'servers.jsonl'), 'servers')
  const begin: Server['result'][] = []
  for (const [number, node] of nodes.entries()) {
    const invoked = microseconds()
    const result = await lookAt(node)
    begin.push(result)
    journal.write({ op: 'server', args: { node: number, when: 'begin' }, result }, invoked)
  }
  return {
    end: async (aside = 0) => {
      const until = Date.now() + calmMs
      for (const [number, node] of nodes.entries()) {
        let invoked = microseconds()
        let result = await lookAt(node)
        while (Date.now() < until && !isCalm(result, begin[number])) {
          await sleep(restMs)
          invoked = microseconds()
          result = await lookAt(node)
        }
        const told = { ...result, ...(number === 0 && aside > 0 && { aside }) }
        journal.write({ op: 'server', args: { node: number, when: 'end' }, result: told }, invoked)
      }
      journal.close()
    },
  }
}

function isCalm({ files = 0, figures = {} }: Server['result'], begin: Server['result'] | undefined): boolean {
  return files <= (begin?.files ?? 0) && sumOf(figures, 'im_sockets') === 0
}

/** What cannot be known is left out. */
async function lookAt({ pid, metricsUrl }: FleetNode): Promise<Server['result']> {
  // Before it is asked: that takes a socket.
  const files = filesOf(pid)
  const figures = await figuresOf(metricsUrl)
  return { pid, ...(files !== undefined && { files }), ...(figures !== undefined && { figures }) }
}

function filesOf(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return undefined
  }
}

/** Each series by its name and labels; buckets are left out. */
async function figuresOf(url: string): Promise<Record<string, number> | undefined> {
  try {
    const headers = { connection: 'close' }
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(answerMs) })
    const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    const series = lines.map((line) => line.slice(0, line.lastIndexOf(' ')))
    const all = lines.map(
      (line, i) => [series[i] ?? '', Number(line.slice(line.lastIndexOf(' ') + 1))] as const,
    )
    return Object.fromEntries(all.filter(([name]) => !name.includes('_bucket{')))
  } catch {
    return undefined
  }
}
