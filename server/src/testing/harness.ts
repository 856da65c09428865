import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createService, type Service, type ServiceOptions } from '../index.ts'

export interface Harness {
  readonly url: string
  readonly service: Service
  readonly dataFolder: string
  stop(): Promise<void>
}

let names = 0

/** A whole service on a free port with a data folder of its own; what it logs stays silent unless it is an error. */
export async function startHarness(options: ServiceOptions = {}): Promise<Harness> {
  const own = options.dataFolder === undefined
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), 'nexo-test-'))
  const service = await createService({
    name: `test-${names++}`,
    ...options,
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
