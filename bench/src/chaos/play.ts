import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readHistories } from '../checker/history.ts'
import type { Judgement } from '../checker/judge.ts'
import { seeded } from '../random.ts'
import { backup } from './backup.ts'
import { clock } from './clock.ts'
import { damage } from './damage.ts'
import { database } from './database.ts'
import { descriptors } from './descriptors.ts'
import { diskFull } from './disk-full.ts'
import { openFleet } from './fleet.ts'
import { openGauge } from './gauge.ts'
import { kill } from './kill.ts'
import { link } from './link.ts'
import { startLoad } from './load-process.ts'
import { lostAcks } from './lost-acks.ts'
import { isKept, type Measure } from './measure.ts'
import { memory } from './memory.ts'
import { nodes } from './nodes.ts'
import type { ChaosOptions, FaultName } from './options.ts'
import { partition } from './partition.ts'
import { power } from './power.ts'
import { redis } from './redis.ts'
import { rolling } from './rolling.ts'
import type { Fault, Findings, Scene } from './scene.ts'
import { openUsers, openVisitors } from './users.ts'

export const faults: Readonly<Record<FaultName, Fault>> = {
  kill,
  power,
  nodes,
  database,
  redis,
  link,
  'lost-acks': lostAcks,
  partition,
  'disk-full': diskFull,
  descriptors,
  memory,
  clock,
  rolling,
  damage,
  backup,
}

/** How long sockets may live on after their sign-in was ended: on the node that did it, and on others. */
const revokeMs = 2000
const revokeFarMs = 10_000

export interface Outcome {
  readonly pass: boolean
  readonly times: number
  readonly judgement: Judgement
  readonly measures: readonly Measure[]
  /** What stood behind it: store, version, letter. */
  readonly place: string
}

/** Plays one fault and judges it. Histories stay when anything is wrong; rejects when a server does not come back. */
export async function play(options: ChaosOptions, say: (progress: string) => void): Promise<Outcome> {
  const folder = await mkdtemp(join(options.data, 'nexo-chaos-'))
  const histories = join(folder, 'history')
  await mkdir(histories)
  say(`${options.fault}: seed ${options.seed}, folder ${folder}`)
  let pass = false
  try {
    const times = options.times ?? faults[options.fault].times.ci
    const { findings, place } = await hurt(options, times, folder, histories, say)
    const judgement = await judged(histories)
    const measures = [
      ...findings.measures,
      ...((await findings.inHistories?.(readHistories(histories))) ?? []),
    ]
    pass = judgement.pass && measures.every(isKept)
    return { pass, times, judgement, measures, place }
  } finally {
    if (pass && !options.keep) await rm(folder, { recursive: true, force: true })
    else say(`histories: ${histories} (seed ${options.seed})`)
  }
}

async function hurt(
  options: ChaosOptions,
  times: number,
  folder: string,
  histories: string,
  say: (progress: string) => void,
): Promise<{ findings: Findings; place: string }> {
  const random = seeded(options.seed)
  const fault = faults[options.fault]
  const { store, bus } = options
  const work = { options, folder, random, say }
  const ground = (await fault.ground?.(work)) ?? { close: async () => undefined }
  try {
    const fleet = await openFleet({ ...fault.fleet, store, bus, folder, random, say, ...ground.fleet })
    return await underLoad(fault, { ...work, ground, fleet }, times, histories)
  } finally {
    await ground.close()
  }
}

async function underLoad(
  fault: Fault,
  scene: Omit<Scene, 'load' | 'users'>,
  times: number,
  histories: string,
): Promise<{ findings: Findings; place: string }> {
  const { fleet, options, say } = scene
  const { store, bus } = options
  const { version, durability, setting } = fleet.place
  const place = `${store} ${durability}, ${version}, ${setting}, ${fleet.nodes.length} node(s)${bus === undefined ? '' : ` on ${bus}`}`
  const load = startLoad()
  try {
    const users = await openUsers(fleet.url, options.clients)
    say(`${place}; ${users.length} users, ${users.length / 2} single chats, 3 groups`)
    const visitors = await openVisitors(fleet.url, fleet.nodes.length === 1 ? revokeMs : revokeFarMs)
    const { seed } = options
    const { url } = fleet
    const gauge = await openGauge(fleet.nodes, histories)
    load.begin({ url, users, visitors, folder: histories, seed, patienceMs: fault.patienceMs })
    const findings = await fault.run({ ...scene, load, users }, times)
    say('healing: repeating what is open, then reading everything')
    await load.heal()
    await gauge.end(findings.sentAside)
    return { findings, place }
  } finally {
    await load.stop()
    await fleet.stop()
  }
}

/** The checker is a program of its own: it gets a folder and nothing else. */
function judged(folder: string): Promise<Judgement> {
  const checker = fileURLToPath(new URL('../checker/main.ts', import.meta.url))
  return new Promise((resolve, reject) => {
    // Histories of a long round are gigabytes, and judged as a whole.
    const args = ['--max-old-space-size=16384', checker, folder, '--json']
    execFile(process.execPath, args, { maxBuffer: 1 << 24 }, (error, stdout) => {
      // Exit code 1 is a verdict, anything else is a broken checker.
      if (error !== null && error.code !== 1) reject(error)
      else resolve(JSON.parse(stdout) as Judgement)
    })
  })
}
