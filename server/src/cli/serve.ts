import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Control, openControl } from '../control.ts'
import type { Store } from '../core/ports.ts'
import type { Service, ServiceOptions } from '../index.ts'
import { openStore } from '../storage/open.ts'
import { command, type Terminal, UsageError } from './arguments.ts'
import { configFileOf, fileOf, placeOptions, storeUrlOf } from './place.ts'

const webRoot = join(import.meta.dirname, '../../../web/dist')
export const serve = command({
  name: 'serve',
  summary: 'runs the service until Ctrl-C (the command when none is named)',
  options: {
    port: { value: 'N', prose: 'port of HTTP and WebSocket; 0 takes a free one' },
    host: { value: 'H', prose: 'address to listen on' },
    data: { value: 'FOLDER', prose: 'data folder; ./data unless said otherwise' },
    config: placeOptions.config,
  },
  async run(flags, terminal) {
    const began = performance.now()
    const dataFolder = resolve(flags.data ?? 'data')
    const configFile = configFileOf(flags)
    const port = portOf(flags.port)
    const url = storeUrlOf(flags)
    const store = await openStore(url, terminal.err)
    const server = await startServer(store, {
      config: {
        ...(port !== undefined && { 'server.http_port': port }),
        ...(flags.host !== undefined && { 'server.host': flags.host }),
      },
      dataFolder,
      env: process.env,
      ...(configFile !== undefined && { configFile }),
      ...(existsSync(join(webRoot, 'index.html')) && { webRoot }),
    })
    const control = await listenForBackups(store, url, terminal)
    // Before anything is printed: whoever reads the address may stop us at once.
    stopOnSignals(async () => {
      await control?.close()
      await server.stop()
    })
    const ms = Math.round(performance.now() - began)
    process.stdout.write(
      `\n  Nexo IM is ready in ${ms} ms\n\n  open    ${server.url}\n  api     ${server.url}/docs\n  data    ${dataFolder}\n  stop    Ctrl-C\n\n`,
    )
    return 0
  },
})

async function startServer(
  store: Store,
  options: ServiceOptions,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  let service: Service
  try {
    // Loaded by this command alone: the others start in a third of the time.
    const { createService } = await import('../index.ts')
    service = await createService({ ...options, store })
  } catch (error) {
    await store.close()
    throw error
  }
  const server = service.getServer()
  const { url } = await server.start().catch(async (error: unknown) => {
    await server.stop()
    throw error
  })
  return { url, stop: () => server.stop() }
}

/** A service whose files cannot be asked for a backup is still a service. */
async function listenForBackups(store: Store, url: string, terminal: Terminal): Promise<Control | undefined> {
  const file = fileOf(url)
  if (file === undefined) return undefined
  return openControl(store, file).catch((error: unknown) => {
    terminal.err(`nexo backup cannot reach this service while it runs: ${(error as Error).message}`)
    return undefined
  })
}

function portOf(text: string | undefined): number | undefined {
  const port = text === undefined ? undefined : Number(text)
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new UsageError(`--port: a number from 0 to 65535 is expected, not "${text}"`)
  return port
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
