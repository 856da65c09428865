import { platformName } from '@nexo-im/protocol'
import type { Recall } from '../core/ports.ts'
import type { World } from '../core/world.ts'
import { by, type Family, one, type Sample } from './family.ts'

function lookups(cache: string, { hits, misses }: Readonly<Recall>): Sample[] {
  return [
    { labels: { cache, result: 'hit' }, value: hits },
    { labels: { cache, result: 'miss' }, value: misses },
  ]
}

/** Counted when asked: a socket keeps its platform and its frames for life. */
function socketSamples({ presence }: World): Sample[] {
  const counts = new Map<string, { labels: Record<string, string>; value: number }>()
  for (const { platformId, codec } of presence.all()) {
    const name = `${platformId} ${codec}`
    const found = counts.get(name)
    if (found) found.value += 1
    else counts.set(name, { labels: { platform: platformName(platformId), protocol: codec }, value: 1 })
  }
  return [...counts.values()]
}

/** Who is connected, and what the node stands on. */
export const node: readonly Family[] = [
  {
    name: 'im_ready',
    type: 'gauge',
    help: '1 while the store answers and the node is not stopping, as /readyz says.',
    labels: [],
    read: async ({ isReady }) => one(Number(await isReady())),
  },
  {
    name: 'im_sockets',
    type: 'gauge',
    help: 'Sockets of this node by platform and by the frames they speak; local: of the program that embeds it.',
    labels: ['platform', 'protocol'],
    read: ({ world }) => socketSamples(world),
  },
  {
    name: 'im_users_online',
    type: 'gauge',
    help: 'Users with a socket on this node.',
    labels: [],
    read: ({ world: { presence } }) => one(new Set([...presence.all()].map((s) => s.userId)).size),
  },
  {
    name: 'im_sockets_opened_total',
    type: 'counter',
    help: 'Sockets that connected.',
    labels: [],
    read: ({ world }) => one(world.tally.sockets.opened),
  },
  {
    name: 'im_sockets_closed_total',
    type: 'counter',
    help: 'Sockets that went, for whatever reason.',
    labels: [],
    read: ({ world }) => one(world.tally.sockets.closed),
  },
  {
    name: 'im_sockets_stalled_total',
    type: 'counter',
    help: 'Sockets closed with 1013 because they took nothing for thirty seconds.',
    labels: [],
    read: ({ world }) => one(world.tally.sockets.stalled),
  },
  {
    name: 'im_cache_lookups_total',
    type: 'counter',
    help: 'Look-ups in what is remembered: last messages (heads), rights to write (standings), own commits of a shared store (store).',
    labels: ['cache', 'result'],
    read: ({ world: { store, tally } }) => [
      ...lookups('heads', tally.heads),
      ...lookups('standings', tally.standings),
      ...(store.recall ? lookups('store', store.recall()) : []),
    ],
  },
  {
    name: 'im_nodes',
    type: 'gauge',
    help: 'Nodes on the same store that this one hears, itself included.',
    labels: [],
    read: ({ cluster }) => one(1 + (cluster?.size ?? 0)),
  },
  {
    name: 'im_bus_up',
    type: 'gauge',
    help: '1 while the node can say and hear something over the bus; absent without one.',
    labels: [],
    read: ({ bus }) => (bus ? one(Number(bus.isUp)) : []),
  },
  {
    name: 'im_bus_said_total',
    type: 'counter',
    help: 'What this node had to say to the others: sent, or dropped while the bus was away.',
    labels: ['result'],
    read: ({ bus, world: { tally } }) =>
      bus ? by('result', { sent: tally.bus.said, dropped: tally.bus.unsaid }) : [],
  },
  {
    name: 'im_bus_heard_total',
    type: 'counter',
    help: 'What this node heard of the others.',
    labels: [],
    read: ({ bus, world }) => (bus ? one(world.tally.bus.heard) : []),
  },
  {
    name: 'im_bus_gaps_total',
    type: 'counter',
    help: 'Times that something of other nodes was not heard, so that everything remembered was looked up anew.',
    labels: [],
    read: ({ cluster, world }) => (cluster ? one(world.tally.bus.gaps) : []),
  },
  {
    name: 'im_store_info',
    type: 'gauge',
    help: 'Always 1: durability is D0 (memory), D1 (survives kill) or D2 (survives a power cut); shared: other nodes may write.',
    labels: ['durability', 'shared'],
    read: ({ world: { store } }) => {
      const { durability, isShared } = store.traits
      return [{ labels: { durability, shared: String(isShared) }, value: 1 }]
    },
  },
  {
    name: 'im_store_pool_limit_connections',
    type: 'gauge',
    help: 'Connections to the database server that are never exceeded; absent for a store without a server.',
    labels: [],
    read: ({ world: { store } }) => (store.pool ? one(store.pool().limit) : []),
  },
  {
    name: 'im_store_pool_connections',
    type: 'gauge',
    help: 'Connections to the database server: open, and those of them that are busy.',
    labels: ['state'],
    read: ({ world: { store } }) => {
      if (!store.pool) return []
      const { open, busy } = store.pool()
      return by('state', { open, busy })
    },
  },
  {
    name: 'im_store_pool_waiting_requests',
    type: 'gauge',
    help: 'Requests that wait for a free connection to the database server.',
    labels: [],
    read: ({ world: { store } }) => (store.pool ? one(store.pool().waiting) : []),
  },
]
