import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { ConfigInput } from '../config.ts'
import { createService } from '../index.ts'

const webRoot = join(import.meta.dirname, '../../../web/dist')
/** Read when it exists and no other file is named (nexo-wire section 11). */
const usualConfig = 'config/config.yaml'

/** Runs until SIGINT or SIGTERM; prints what a person needs to know. */
export async function serve(args: readonly string[]): Promise<void> {
  const began = performance.now()
  const flags = readFlags(args)
  const dataFolder = resolve(flags.data ?? 'data')
  const configFile = flags.config ?? (existsSync(usualConfig) ? usualConfig : undefined)
  const config: ConfigInput = {
    ...(flags.port !== undefined && { 'server.http_port': flags.port }),
    ...(flags.host !== undefined && { 'server.host': flags.host }),
  }
  const service = await createService({
    config,
    dataFolder,
    env: process.env,
    ...(configFile !== undefined && { configFile }),
    ...(existsSync(join(webRoot, 'index.html')) && { webRoot }),
  })
  const server = service.getServer()
  const { url } = await server.start().catch(async (error: unknown) => {
    await server.stop()
    throw error
  })
  // Before anything is printed: whoever reads the address may stop us at once.
  stopOnSignals(() => server.stop())
  const ms = Math.round(performance.now() - began)
  process.stdout.write(
    `\n  Nexo IM is ready in ${ms} ms\n\n  open    ${url}\n  api     ${url}/docs\n  data    ${dataFolder}\n  stop    Ctrl-C\n\n`,
  )
}

interface Flags {
  readonly port?: number
  readonly host?: string
  readonly data?: string
  readonly config?: string
}

function readFlags(args: readonly string[]): Flags {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: { port: text, host: text, data: text, config: text },
  })
  const port = values.port === undefined ? undefined : Number(values.port)
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new Error(`--port: a number from 0 to 65535 is expected, not "${values.port}"`)
  }
  return { ...values, ...(port !== undefined && { port }) } as Flags
}

function stopOnSignals(stop: () => Promise<void>): void {
  let askedAt = 0
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // One signal may arrive twice, from the group and from npm; a second one later means now.
      if (askedAt !== 0) return Date.now() - askedAt > 1500 ? process.exit(1) : undefined
      askedAt = Date.now()
      process.stdout.write('stopping …\n')
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`${String(error)}\n`)
          process.exit(1)
        },
      )
    })
  }
}
