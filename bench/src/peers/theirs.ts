import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { ended, nextMessage, startChild } from '../child.ts'
import type { Pace, PeerPlan, PeerResult } from './load/plan.ts'
import { blankRun, checked, hindrances, judged, measured, peerFaults, type Run } from './run.ts'
import type { StartPeer } from './servers/server.ts'

/** What a peer is asked to do, on which ground. */
export interface PeerTask {
  readonly name: string
  readonly start: StartPeer
  readonly pace: Pace
  readonly clients: number
  readonly seconds: number
  readonly text: string
  readonly mysqlUrl: string | undefined
  /** The process of that MariaDB, where it is ours. */
  readonly storePid: number | undefined
  /** The peer's folder is made in it. */
  readonly folder: string
}

const warmUp = 0.25

/** A fresh peer, one run, and what its archive says of it. */
export async function runPeer(task: PeerTask): Promise<Run> {
  const folder = await mkdtemp(join(task.folder, `${task.name}-`))
  const server = await task.start({ ...task, folder })
  try {
    const result = await generate({
      speech: server.speech,
      pace: task.pace,
      clients: task.clients,
      serverPid: server.pid,
      storePid: task.storePid,
      seconds: task.seconds,
      warmUp,
    })
    const back = await server.readBack?.(result.sent)
    const hindered = task.pace.kind === 'open' ? hindrances(result) : []
    return {
      ...blankRun({ who: server.version, durability: server.durability, setting: server.setting }),
      ...measured(result, task.pace.kind),
      ...checked(result, back, result.ack.count > 0),
      ...judged(peerFaults(result, back), hindered),
    }
  } finally {
    await server.stop()
  }
}

/** Plays a plan in a generator process of its own. */
async function generate(plan: PeerPlan): Promise<PeerResult> {
  const child = startChild(new URL('./generator.ts', import.meta.url))
  try {
    const result = nextMessage<PeerResult>(child)
    child.send(plan)
    return await result
  } finally {
    child.kill()
    await ended(child)
  }
}
