import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { CommitResult, Proposal, Store } from '../core/ports.ts'
import { createService, getOpenIMService } from '../index.ts'
import { openStore } from '../storage/open.ts'
import { createHub } from '../testing/domain/hub.ts'
import { figure, readExposition, type ToldMetric } from '../testing/exposition.ts'
import { freePort } from '../testing/free-port.ts'
import { type Harness, type HarnessOptions, startHarness } from '../testing/harness.ts'
import { chosenStore } from '../testing/stores/fresh.ts'
import { call, type Person, signUp } from '../testing/wire.ts'
import { families } from './families.ts'

type Figures = ReadonlyMap<string, ToldMetric>

async function start(options: HarnessOptions = {}): Promise<Harness> {
  const harness = await startHarness(options)
  onTestFinished(() => harness.stop())
  return harness
}

const figuresOf = async ({ service }: Harness): Promise<Figures> =>
  readExposition(await service.getServer().metrics())

/** The store that was chosen, which notes what it was given to keep and may be told to fail. */
async function watchedStore(): Promise<{ store: Store; kept: number[]; failNext(): void }> {
  const inner = await chosenStore()
  const kept: number[] = []
  let fails = false
  const commit = async (propose: Proposal): Promise<CommitResult> => {
    if (fails) {
      fails = false
      throw new Error('the disk is gone')
    }
    let size = 0
    const result = await inner.commit(async (from) => {
      const changes = await propose(from)
      size = changes.length
      return changes
    })
    if (result.refused.length === 0) kept.push(size)
    return result
  }
  return {
    store: { ...inner, commit },
    kept,
    failNext: () => {
      fails = true
    },
  }
}

const request = (operation: string, error = 'ok', code = '0'): Record<string, string> => ({
  operation,
  error,
  code,
})

/** Everything that the core and the process have to tell, of a service that was used a little. */
async function usedService(): Promise<{ harness: Harness; ann: Person; bob: Person }> {
  const harness = await start()
  const ann = await signUp(harness.url, 'ann')
  const bob = await signUp(harness.url, 'bob')
  return { harness, ann, bob }
}

describe('the figures', () => {
  it('are told in the text format of Prometheus, each metric once, as it is declared', async () => {
    const { harness, ann } = await usedService()
    await ann.send({ recv_id: 'bob' }, 'hello')
    const told = await figuresOf(harness)
    expect([...told.keys()]).toEqual(families.map(({ name }) => name))
    for (const { name, type, labels, help } of families) {
      const metric = told.get(name)
      expect(metric, name).toMatchObject({ type, help })
      const used = new Set(metric?.samples.flatMap((s) => Object.keys(s.labels)))
      used.delete('le')
      for (const label of used) expect(labels, name).toContain(label)
      expect(name).toMatch(
        type === 'counter' ? /^im_[a-z_]+_total$/ : /^im_[a-z_]+(?<!_total|_bucket|_sum|_count)$/,
      )
    }
  })

  it('agree with what clients sent and got: stored, acknowledged, refused, pushed', async () => {
    const { store, kept } = await watchedStore()
    const harness = await start({ store })
    const [ann, bob] = [await signUp(harness.url, 'ann'), await signUp(harness.url, 'bob')]
    const [annSocket, bobSocket] = [await ann.socket('nexo.v1'), await bob.socket('nexo')]
    const text = (id: string) => ({
      client_msg_id: id,
      recv_id: 'bob',
      msg_type: 1,
      content: { text: { text: 'x' } },
    })
    const asked = await Promise.all(Array.from({ length: 30 }, (_, i) => annSocket.ask(1003, text(`s${i}`))))
    const posted = await Promise.all(
      Array.from({ length: 10 }, (_, i) => ann.send({ recv_id: 'bob' }, 'x', `h${i}`)),
    )
    const acked = [...asked, ...posted].filter(({ code }) => code === 0).length
    expect(acked).toBe(40)
    // Acknowledged once more, and stored only once.
    expect(await annSocket.ask(1003, text('s3'))).toMatchObject({ code: 0 })
    expect(await annSocket.ask(1003, { ...text('r'), recv_id: 'ghost' })).toMatchObject({ code: 2006 })
    expect(await ann.send({ recv_id: '' }, 'x')).toMatchObject({ code: 1001 })
    expect(await annSocket.ask(1, {})).toMatchObject({ code: 5003 })
    expect(await call(harness.url, 'GET', '/user/info', undefined, 'no token')).toMatchObject({ code: 2001 })
    expect(await call(harness.url, 'GET', '/nowhere')).toMatchObject({ code: 1005 })
    const pushed = (): number =>
      [...annSocket.seen, ...bobSocket.seen].filter((f) => JSON.stringify(f).includes('"msgs"')).length
    await expect.poll(pushed).toBe(80)

    const told = await figuresOf(harness)
    const value = (name: string, labels?: Record<string, string>): number => figure(told, name, labels)
    expect(value('im_messages_stored_total')).toBe(acked)
    expect(value('im_requests_total', request('message.send'))).toBe(acked + 1)
    expect(value('im_requests_total', request('message.send', 'user_not_found', '2006'))).toBe(1)
    expect(value('im_requests_total', request('message.send', 'invalid_parameter', '1001'))).toBe(1)
    expect(value('im_requests_total', request('auth.register'))).toBe(2)
    expect(value('im_request_seconds_count', { operation: 'message.send' })).toBe(acked + 3)
    expect(value('im_request_seconds_sum', { operation: 'message.send' })).toBeGreaterThan(0)
    const error = (door: string, name: string, code: string) => ({ door, error: name, code })
    expect(value('im_errors_total', error('socket', 'user_not_found', '2006'))).toBe(1)
    expect(value('im_errors_total', error('socket', 'invalid_protocol', '5003'))).toBe(1)
    expect(value('im_errors_total', error('http', 'invalid_parameter', '1001'))).toBe(1)
    expect(value('im_errors_total', error('http', 'token_invalid', '2001'))).toBe(1)
    expect(value('im_errors_total', error('http', 'not_found', '1005'))).toBe(1)
    expect(value('im_pushes_total', { kind: 'message' })).toBe(80)
    expect(value('im_sockets', { platform: 'Web', protocol: 'nexo.v1' })).toBe(1)
    expect(value('im_sockets', { platform: 'Web', protocol: 'nexo' })).toBe(1)
    expect(value('im_users_online')).toBe(2)
    expect(value('im_sockets_opened_total')).toBe(2)
    expect(value('im_commit_changes_count')).toBe(kept.length)
    expect(value('im_commit_changes_sum')).toBe(kept.reduce((sum, size) => sum + size, 0))
    expect(value('im_commit_changes_bucket', { le: '10' })).toBe(kept.filter((size) => size <= 10).length)
    expect(value('im_commit_seconds_count')).toBe(kept.length)
    expect(value('im_ready')).toBe(1)
    expect(value('im_cache_lookups_total', { cache: 'standings', result: 'hit' })).toBeGreaterThan(0)
    await annSocket.close()
    await expect.poll(async () => figure(await figuresOf(harness), 'im_sockets_closed_total')).toBe(1)
  })

  it('tell of a commit that failed, and of one message that was sent twice at once', async () => {
    const { store, failNext } = await watchedStore()
    const harness = await start({ store })
    const ann = await signUp(harness.url, 'ann')
    failNext()
    expect(await ann.send({ recv_id: 'ann' }, 'x')).toMatchObject({ code: 4005 })
    await Promise.all([
      ann.send({ recv_id: 'ann' }, 'x', 'same'),
      ann.send({ recv_id: 'ann' }, 'x', 'same'),
      ann.send({ recv_id: 'ann' }, 'x', 'same'),
    ])
    const told = await figuresOf(harness)
    expect(figure(told, 'im_commits_failed_total')).toBe(1)
    expect(figure(told, 'im_requests_total', request('message.send', 'send_failed', '4005'))).toBe(1)
    expect(figure(told, 'im_messages_stored_total')).toBe(1)
    expect(figure(told, 'im_changes_refused_total', { reason: 'twin' })).toBe(2)
    expect(figure(told, 'im_commits_contested_total')).toBeGreaterThan(0)
  })

  it('show the pool of a database server, its limit, and nothing where there is none', async () => {
    const store = await chosenStore()
    const harness = await start({ store })
    const ann = await signUp(harness.url, 'ann')
    await Promise.all(Array.from({ length: 40 }, () => ann.get('/user/info')))
    const told = await figuresOf(harness)
    const pool = store.pool?.()
    const limit = told.get('im_store_pool_limit_connections')?.samples.map((s) => s.value)
    expect(limit).toEqual(pool ? [pool.limit] : [])
    const states = told.get('im_store_pool_connections')?.samples ?? []
    expect(states.map((s) => s.labels['state'])).toEqual(pool ? ['open', 'busy'] : [])
    const [open = 0, busy = 0] = states.map((s) => s.value)
    expect(open).toBeLessThanOrEqual(pool?.limit ?? 0)
    expect(busy).toBeLessThanOrEqual(open)
    expect(open > 0).toBe(pool !== undefined)
    expect(told.get('im_store_pool_waiting_requests')?.samples).toHaveLength(pool ? 1 : 0)
    const durability = { durability: store.traits.durability, shared: String(store.traits.isShared) }
    expect(figure(told, 'im_store_info', durability)).toBe(1)
  })

  it('tell how far a shared store remembers its own commits, and nothing where it need not', async () => {
    const store = await chosenStore()
    const harness = await start({ store })
    const ann = await signUp(harness.url, 'ann')
    for (let i = 0; i < 3; i++) await ann.send({ recv_id: 'ann' }, 'x')
    const told = (await figuresOf(harness)).get('im_cache_lookups_total')?.samples ?? []
    const known = told.filter((s) => s.labels['cache'] === 'store' && s.labels['result'] === 'hit')
    expect(known.map((s) => s.value > 0)).toEqual(store.recall ? [true] : [])
    expect(store.recall !== undefined).toBe(store.traits.isShared)
  })

  it('hold no name, no text and no token', async () => {
    const harness = await start()
    const canary = 'canary-7Qx'
    const ann = await signUp(harness.url, `ann-${canary}`)
    const socket = await ann.socket()
    const { data } = await ann.post<{ id: string }>('/group/create', { name: `group ${canary}` })
    await ann.send({ group_id: data.id }, `text ${canary}`, `id ${canary}`)
    await ann.send({ recv_id: `ghost-${canary}` }, canary)
    await call(harness.url, 'GET', `/${canary}?token=${canary}`)
    await socket.ask(77, { canary })
    const text = await harness.service.getServer().metrics()
    expect(text).not.toContain(canary)
    expect(text).not.toContain(data.id)
    expect(text).not.toContain(ann.token)
  })

  it('of two services in one process are their own', async () => {
    const [one, two] = [await start(), await start()]
    const ann = await signUp(one.url, 'ann')
    await signUp(two.url, 'ann')
    await ann.send({ recv_id: 'ann' }, 'x')
    const stored = async (of: Harness): Promise<number> =>
      figure(await figuresOf(of), 'im_messages_stored_total')
    expect([await stored(one), await stored(two)]).toEqual([1, 0])
    await one.stop()
    expect(await stored(two)).toBe(0)
  })

  it('tell what nodes say to each other, and of a bus that is away', async () => {
    const inner = await openStore('memory:')
    const store: Store = {
      ...inner,
      traits: { ...inner.traits, isShared: true },
      close: async () => undefined,
    }
    const hub = createHub()
    const buses = [hub.join(), hub.join()] as const
    const [one, two] = [await start({ store, bus: buses[0] }), await start({ store, bus: buses[1] })]
    const ann = await signUp(one.url, 'ann')
    await ann.send({ recv_id: 'ann' }, 'x')
    await expect.poll(async () => figure(await figuresOf(two), 'im_bus_heard_total')).toBeGreaterThan(0)
    const before = await figuresOf(one)
    expect(figure(before, 'im_bus_said_total', { result: 'sent' })).toBeGreaterThan(0)
    expect(figure(before, 'im_bus_said_total', { result: 'dropped' })).toBe(0)
    expect([figure(before, 'im_bus_up'), figure(before, 'im_nodes')]).toEqual([1, 2])
    buses[0].cut()
    await ann.send({ recv_id: 'ann' }, 'y')
    const away = await figuresOf(one)
    expect(figure(away, 'im_bus_up')).toBe(0)
    expect(figure(away, 'im_bus_said_total', { result: 'dropped' })).toBeGreaterThan(0)
    buses[0].mend()
    expect(figure(await figuresOf(one), 'im_bus_gaps_total')).toBeGreaterThan(
      figure(before, 'im_bus_gaps_total'),
    )
  })

  it('notice an event loop that stood still', async () => {
    const harness = await start()
    await figuresOf(harness)
    const late = async (): Promise<number> => {
      const told = await figuresOf(harness)
      const [all, quick] = ['+Inf', '0.1'].map((le) =>
        figure(told, 'im_event_loop_delay_seconds_bucket', { le }),
      )
      return (all ?? 0) - (quick ?? 0)
    }
    const before = await late()
    // Twice: a stop that begins in the very moment of a new second is not seen.
    for (let i = 0; i < 2; i++) {
      await new Promise((resolve) => setTimeout(resolve, 60))
      const end = performance.now() + 200
      while (performance.now() < end);
    }
    await expect.poll(late, { timeout: 4000 }).toBeGreaterThan(before)
  })
})

describe('the listener', () => {
  const listening = async (
    more: HarnessOptions['config'] = {},
  ): Promise<{ at: string; harness: Harness }> => {
    const port = await freePort()
    const harness = await start({ config: { 'metrics.port': port, ...more } })
    return { at: `http://127.0.0.1:${port}`, harness }
  }

  it('answers GET /metrics and nothing else, on a port of its own', async () => {
    const { at, harness } = await listening()
    const answer = await fetch(`${at}/metrics`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(figure(readExposition(await answer.text()), 'im_ready')).toBe(1)
    const refused = [
      '/',
      '/metrics/',
      '/metrics/x',
      '/health',
      '/ws',
      '/user/info',
      '/..%2fmetrics',
      '//metrics',
    ]
    for (const path of refused) expect((await fetch(at + path)).status, path).toBe(404)
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'])
      expect((await fetch(`${at}/metrics`, { method })).status, method).toBe(404)
    expect((await fetch(`${harness.url}/metrics`)).status).toBe(404)
  })

  it('is on loopback, and is not there unless a port is named', async () => {
    const places: (string | undefined)[] = []
    for (const more of [{}, { 'metrics.port': 0 }]) {
      const dataFolder = mkdtempSync(join(tmpdir(), 'nexo-metrics-'))
      const config = { 'server.http_port': 0, 'log.level': 'silent', ...more } as const
      const service = await createService({ name: `metrics ${places.length}`, dataFolder, config })
      onTestFinished(async () => {
        await service.getServer().stop()
        rmSync(dataFolder, { recursive: true })
      })
      places.push((await service.getServer().start()).metricsUrl)
    }
    const [none, there = ''] = places
    expect(none).toBeUndefined()
    expect(there).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
    expect((await fetch(there)).status).toBe(200)
  })

  it('says in plain words that its port is taken', async () => {
    const blocker = createServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void blocker.close())
    const { port } = blocker.address() as { port: number }
    const name = 'busy metrics'
    await expect(startHarness({ name, config: { 'metrics.port': port } })).rejects.toThrow(
      `port ${port} on 127.0.0.1 is taken by another program; choose one with metrics.port`,
    )
    await getOpenIMService(name).getServer().stop()
  })

  it('goes on while the node drains, says that it is not ready, and is gone when it has stopped', async () => {
    const { at, harness } = await listening({ 'server.drain_delay': 400 })
    const stopped = harness.stop()
    const told = readExposition(await (await fetch(`${at}/metrics`)).text())
    expect(figure(told, 'im_ready')).toBe(0)
    await stopped
    await expect(fetch(`${at}/metrics`)).rejects.toThrow('fetch failed')
  })
})
