import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createService, type Service, type ServiceOptions } from '../index.ts'
import { chosenStore, isStoreChosen } from './stores/fresh.ts'

export interface Harness {
  readonly url: string
  readonly service: Service
  readonly dataFolder: string
  stop(): Promise<void>
}

export interface HarnessOptions extends ServiceOptions {
  /** Keeps everything in its folder, whatever store was chosen: for tests that look there or start again on it. */
  readonly onFile?: boolean
}

let names = 0

/** A whole service on a free port with a data folder of its own; what it logs stays silent unless it is an error. */
export async function startHarness({ onFile = false, ...options }: HarnessOptions = {}): Promise<Harness> {
  const own = options.dataFolder === undefined
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), 'nexo-test-'))
  const chosen =
    own && !onFile && options.store === undefined && options.config?.['storage.url'] === undefined
  const service = await createService({
    name: `test-${names++}`,
    ...options,
    ...(chosen && isStoreChosen() && { store: await chosenStore() }),
    dataFolder,
    config: { 'server.http_port': 0, 'log.level': 'silent', ...options.config },
  })
  const remove = (): void => {
    if (own) rmSync(dataFolder, { recursive: true, force: true })
  }
  const { url } = await service
    .getServer()
    .start()
    .catch((error: unknown) => {
      remove()
      throw error
    })
  return {
    url,
    service,
    dataFolder,
    stop: async () => {
      await service.getServer().stop()
      remove()
    },
  }
}
