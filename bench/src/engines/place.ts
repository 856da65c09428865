import { randomBytes } from 'node:crypto'
import type { BusName, Promises, StoreName } from './engine.ts'
import { engineOf } from './open.ts'
import { type Services, startServices } from './services.ts'

/** Where one run keeps everything: nobody else's, and gone afterwards. */
export interface Place extends Promises {
  readonly store: StoreName
  /** Undefined = in the data folder of the node. */
  readonly url: string | undefined
  readonly busUrl: string | undefined
  /** The servers we started ourselves, which may be killed; undefined = somebody else's. */
  readonly own: Services | undefined
  close(): Promise<void>
}

export interface PlaceWish {
  readonly store: StoreName
  readonly bus: BusName | undefined
  /** On the disk to be measured. */
  readonly folder: string
  /** Servers that the environment names are left alone. */
  readonly isPrivate?: boolean
}

const busServices = { redis: ['redis', 'REDIS_URL'], nats: ['nats', 'NATS_URL'] } as const

export async function openPlace({ store, bus, folder, isPrivate = false }: PlaceWish): Promise<Place> {
  const engine = store === 'sqlite' ? undefined : await engineOf(store)
  const needed = [
    ...(engine ? [[engine.service, engine.variable] as const] : []),
    ...(bus ? [busServices[bus]] : []),
  ]
  const given = (variable: string): string | undefined =>
    (isPrivate ? undefined : process.env[variable]) || undefined
  const missing = needed.filter(([, variable]) => given(variable) === undefined).map(([name]) => name)
  const own = missing.length === 0 ? undefined : await startServices([...new Set(missing)], folder)
  const urlOf = (variable: string): string => given(variable) ?? (own?.urls[variable] as string)
  const name = `nexo_bench_${randomBytes(6).toString('hex')}`
  const busUrl = bus && busAddress(urlOf(busServices[bus][1]), name)
  if (engine === undefined) {
    const sqlite = { version: 'SQLite', durability: 'D2', setting: 'synchronous=FULL' } as const
    return { store, ...sqlite, url: undefined, busUrl, own, close: async () => own?.stop() }
  }
  try {
    const server = urlOf(engine.variable)
    const promises = await engine.promises(server)
    const url = await engine.fresh(server, name)
    const close = async (): Promise<void> => {
      // What we started goes as a whole.
      if (given(engine.variable) !== undefined) await engine.drop(url)
      await own?.stop()
    }
    return { store, ...promises, url, busUrl, own, close }
  } catch (error) {
    await own?.stop()
    throw error
  }
}

/** A prefix of its own keeps runs apart that share a bus. */
function busAddress(url: string, name: string): string {
  const address = new URL(url)
  address.searchParams.set('key_prefix', `${name}:`)
  return address.href
}

/** The settings of the product that lead there. */
export function settingsOf({ url, busUrl }: Pick<Place, 'url' | 'busUrl'>): Record<string, string> {
  return { ...(url && { 'storage.url': url }), ...(busUrl && { 'bus.url': busUrl }) }
}
