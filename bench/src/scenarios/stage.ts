import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { measureFsync } from '../environment.ts'
import { type Api, openApi } from '../http.ts'
import type { Options } from '../options.ts'
import { type ServerProcess, startServer } from '../server-process.ts'

/** A fresh server with an empty store. */
export interface Stage {
  readonly options: Options
  /** Holds all its data, removed at the end. */
  readonly folder: string
  readonly server: ServerProcess
  readonly api: Api
  /** Settings that differ from the shipped ones, in words. */
  readonly raised: readonly string[]
  /** Disk: 4 KiB and fdatasync, median just before. */
  readonly fsyncP50Ms: number
  say(progress: string): void
  /** Stops the server, lets `work` at its database file, and starts it again on the same data. */
  restart(work: (file: string) => void): Promise<Stage>
}

interface Limit {
  readonly yaml: string
  readonly words: string
}

/** Shipped default: 600 a minute for each user. */
export const sendsLimit: Limit = {
  yaml: 'limits:\n  sends_per_minute: 100000000\n',
  words: 'limits.sends_per_minute 600 -> 100000000',
}

export function connectionLimit(connections: number): Limit {
  return {
    yaml: `websocket:\n  max_conn_num: ${connections}\n`,
    words: `websocket.max_conn_num 10000 -> ${connections}`,
  }
}

/** Runs `play` against a server of its own; the data folder is removed afterwards. */
export async function withServer<T>(
  options: Options,
  limits: readonly Limit[],
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(options.data, 'nexo-bench-'))
  const say = (progress: string): void => {
    process.stderr.write(`  ${progress}\n`)
  }
  const clean = (): void => rmSync(folder, { recursive: true, force: true })
  process.on('exit', clean)
  try {
    const fsyncP50Ms = measureFsync(folder)
    const configFile = join(folder, 'bench.yaml')
    await writeFile(configFile, limits.map((limit) => limit.yaml).join(''))
    const raised = limits.map((limit) => limit.words)
    for (const words of raised) say(`raised by configuration for this run: ${words}`)
    const data = join(folder, 'data')
    const start = async (): Promise<Stage> => {
      const server = await startServer({ data, configFile })
      running = { server, api: openApi(server.url) }
      return { options, folder, ...running, raised, fsyncP50Ms, say, restart }
    }
    const restart = async (work: (file: string) => void): Promise<Stage> => {
      await stop()
      work(join(data, 'nexo.db'))
      return start()
    }
    let running: Pick<Stage, 'server' | 'api'> | undefined
    const stop = async (): Promise<void> => {
      running?.api.close()
      await running?.server.stop()
      running = undefined
    }
    try {
      return await play(await start())
    } finally {
      await stop()
    }
  } finally {
    clean()
    process.off('exit', clean)
  }
}
