import type { Bus } from '../core/ports.ts'

/** Opens a bus by its URL; drivers are loaded when named. */
export async function openBus(url: string): Promise<Bus> {
  const scheme = /^([a-z]+):/.exec(url)?.[1]
  switch (scheme) {
    case 'redis':
    case 'rediss':
      return (await import('./redis.ts')).openRedisBus(url)
    case 'nats':
    case 'tls':
      return (await import('./nats.ts')).openNatsBus(url)
    default:
      throw new Error(`bus "${scheme ?? url}": known are redis://host:port and nats://host:port`)
  }
}
