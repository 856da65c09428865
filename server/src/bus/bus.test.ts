import { describe, expect, it } from 'vitest'
import type { Bus } from '../core/ports.ts'
import { openBus } from './open.ts'

const servers = [
  ['redis', process.env['REDIS_URL']],
  ['nats', process.env['NATS_URL']],
] as const

const withPrefix = (url: string, prefix: string): string => {
  const parsed = new URL(url)
  parsed.searchParams.set('key_prefix', prefix)
  return parsed.href
}

/** Whatever a bus hears, until so many words came. */
function hearing(bus: Bus): { readonly heard: string[]; come(count: number): Promise<void> } {
  const heard: string[] = []
  bus.subscribe((text) => void heard.push(text))
  return {
    heard,
    come: async (count) => {
      const end = Date.now() + 5000
      while (heard.length < count && Date.now() < end) await new Promise((done) => setTimeout(done, 5))
      expect(heard.length).toBeGreaterThanOrEqual(count)
    },
  }
}

let prefixes = 0
const freshPrefix = (): string => `test-${process.pid}-${prefixes++}:`

for (const [name, url] of servers) {
  if (url === undefined)
    process.stderr.write(`${name} bus: not tested, its URL is not set (npm test sets it)\n`)
  describe.skipIf(url === undefined)(`${name} bus`, () => {
    const open = (prefix: string): Promise<Bus> => openBus(withPrefix(url ?? '', prefix))

    it('carries what is said to every node, the own one included, in the order said', async () => {
      const prefix = freshPrefix()
      const buses = await Promise.all([open(prefix), open(prefix), open(prefix)])
      const ears = buses.map(hearing)
      for (let i = 0; i < 200; i++) buses[0]?.publish(`${i} 你好 \u0000 "`)
      await Promise.all(ears.map((ear) => ear.come(200)))
      for (const { heard } of ears)
        expect(heard).toEqual(Array.from({ length: 200 }, (_, i) => `${i} 你好 \u0000 "`))
      await Promise.all(buses.map((bus) => bus.close()))
    })

    it('carries long texts whole, also while others speak', async () => {
      const prefix = freshPrefix()
      const [a, b, c] = await Promise.all([open(prefix), open(prefix), open(prefix)])
      const ear = hearing(c)
      const long = 'ö'.repeat(1_500_000)
      a.publish(`a${long}`)
      b.publish(`b${long}`)
      a.publish('short')
      await ear.come(3)
      expect(ear.heard.map((t) => `${t.slice(0, 2)} ${t.length}`).sort()).toEqual([
        'aö 1500001',
        'bö 1500001',
        'sh 5',
      ])
      await Promise.all([a.close(), b.close(), c.close()])
    })

    it('keeps services apart that share a server', async () => {
      const [a, b] = await Promise.all([open(freshPrefix()), open(freshPrefix())])
      const [earA, earB] = [hearing(a), hearing(b)]
      a.publish('for a')
      b.publish('for b')
      await Promise.all([earA.come(1), earB.come(1)])
      expect([earA.heard, earB.heard]).toEqual([['for a'], ['for b']])
      await Promise.all([a.close(), b.close()])
    })

    it('refuses a wrong password with a sentence that does not show it', async () => {
      const wrong = new URL(url ?? '')
      wrong.password = 'not-the-password'
      await expect(openBus(wrong.href)).rejects.toThrow(/cannot be used.*check user and password/)
      await expect(openBus(wrong.href)).rejects.not.toThrow(/not-the-password/)
    })
  })
}

describe('a bus URL', () => {
  it('of nobody’s server is refused with a sentence that names it', async () => {
    await expect(openBus('redis://127.0.0.1:1/0?timeout=500')).rejects.toThrow(
      /Redis at 127\.0\.0\.1:1 .*running/,
    )
    await expect(openBus('nats://127.0.0.1:1?timeout=500')).rejects.toThrow(
      /NATS at 127\.0\.0\.1:1 .*running/,
    )
  })

  it('with an unknown scheme or option names the known ones', async () => {
    await expect(openBus('amqp://x')).rejects.toThrow(/redis:\/\/host:port and nats:/)
    await expect(openBus('redis://x?nope=1')).rejects.toThrow(/nope; known are key_prefix, timeout/)
  })
})
