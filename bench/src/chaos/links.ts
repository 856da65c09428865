import type { Random } from '../random.ts'
import type { FleetWish } from './fleet.ts'
import { type FaultProxy, openProxy } from './proxy.ts'
import type { Ground } from './scene.ts'

/** A way to the store for each node, which can be hurt. */
export interface StoreLinks extends Ground {
  readonly links: readonly FaultProxy[]
}

export function storeLinks(random: Random): StoreLinks {
  const links: FaultProxy[] = []
  const linked: FleetWish['linked'] = async (_, { url, busUrl }) => {
    if (url === undefined) throw new Error('the store is a file: there is no way to it')
    const link = await openProxy({ to: addressOf(url), random })
    links.push(link)
    return { url: through(url, '127.0.0.1', link.port), busUrl }
  }
  return {
    links,
    fleet: { linked },
    close: async () => {
      for (const link of links) await link.close()
    },
  }
}

export function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port) }
}

/** The same place by another way. */
export function through(url: string, host: string, port: number): string {
  const address = new URL(url)
  address.hostname = host
  address.port = String(port)
  return address.href
}
