import type { StoreName } from '../engines/engine.ts'
import { text } from '../scenarios/pairs.ts'
import { runBareMysql, runBareSqlite, runBareWs } from './ceilings.ts'
import type { Pace } from './load/plan.ts'
import type { CompareOptions, PeerName } from './options.ts'
import { runOurs } from './ours.ts'
import type { Metric } from './ratio.ts'
import type { Run } from './run.ts'
import { startEjabberd } from './servers/ejabberd.ts'
import { startJetStream, startNatsRoom } from './servers/nats.ts'
import { startProsody } from './servers/prosody.ts'
import type { StartPeer } from './servers/server.ts'
import { startSocketIo } from './servers/socketio.ts'
import { runPeer } from './theirs.ts'

/** The ground that all matches share. */
export interface Ground {
  /** On the disk to be measured. */
  readonly folder: string
  /** Undefined where there is none. */
  readonly mysqlUrl: string | undefined
  readonly mysqlPid: number | undefined
}

/** One scenario in which one peer, or some ceilings, stand beside us. */
export interface Matchup {
  /** Stable id of `performance.md`. */
  readonly scenario: string
  readonly peer: PeerName
  readonly load: string
  readonly store: StoreName
  readonly metric: Metric
  /** Whether it needs the common MariaDB. */
  readonly isOnMysql: boolean
  ours(ground: Ground): Promise<Run>
  /** Several figures of one kind of peer may come out of one go. */
  theirs(ground: Ground): Promise<readonly Run[]>
}

interface Load {
  readonly scenario: string
  readonly pace: Pace
  readonly clients: number
  readonly metric: Metric
  readonly words: string
}

function closedLoad({ clients }: CompareOptions): Load {
  const count = clients ?? 200
  return {
    scenario: 'P1 send-closed',
    pace: { kind: 'closed', inFlight: 4 },
    clients: count,
    metric: 'acks',
    words: `${count} clients in pairs, 4 in flight each`,
  }
}

function openLoad({ clients }: CompareOptions, rate: number): Load {
  const count = clients ?? 1000
  return {
    scenario: `P2 send-open at ${rate}/s`,
    pace: { kind: 'open', rate },
    clients: count,
    metric: 'delivery p99',
    words: `${count} clients in pairs, ${rate} messages a second on a fixed schedule`,
  }
}

function fanoutLoad({ clients }: CompareOptions): Load {
  const count = clients ?? 1000
  return {
    scenario: 'P3 fanout',
    pace: { kind: 'fanout', inFlight: 4 },
    clients: count,
    metric: 'deliveries',
    words: `one group, ${count} members online, 4 in flight`,
  }
}

/** All matches of the peers that are wished, in the order of the scenarios. */
export function matchupsOf(options: CompareOptions): Matchup[] {
  const closed = closedLoad(options)
  const fanout = fanoutLoad(options)
  const all = [
    against(options, 'ejabberd', closed, 'mysql', startEjabberd),
    against(options, 'prosody', closed, 'mysql', startProsody),
    against(options, 'nats', closed, 'sqlite', startJetStream),
    ceilings(options, closed, 'sqlite', async ({ folder }, go) => [
      await go('echo'),
      ...runBareSqlite(folder),
    ]),
    ceilings(options, closed, 'mysql', async ({ mysqlUrl }) =>
      mysqlUrl === undefined ? [] : runBareMysql(mysqlUrl),
    ),
    ...[500, 1000].map((rate) =>
      against(options, 'ejabberd', openLoad(options, rate), 'mysql', startEjabberd),
    ),
    against(options, 'socketio', fanout, 'sqlite', startSocketIo),
    against(options, 'nats', fanout, 'sqlite', startNatsRoom),
    ceilings(options, fanout, 'sqlite', async (_, go) => [await go('broadcast')]),
  ]
  return all.filter(
    ({ peer, scenario }) =>
      options.peers.includes(peer) &&
      (options.scenarios === undefined || options.scenarios.some((id) => scenario.startsWith(`${id} `))),
  )
}

function ourSide(
  { seconds }: CompareOptions,
  { scenario, pace, clients, metric, words }: Load,
  store: StoreName,
): Pick<Matchup, 'scenario' | 'load' | 'store' | 'metric' | 'isOnMysql' | 'ours'> {
  return {
    scenario,
    load: `${words}, ${seconds} s`,
    store,
    metric,
    isOnMysql: store === 'mysql',
    ours: ({ folder, mysqlPid }) => {
      const storePid = store === 'mysql' ? mysqlPid : undefined
      return runOurs({ store, pace, clients, seconds, text, storePid, folder })
    },
  }
}

function against(
  options: CompareOptions,
  peer: PeerName,
  load: Load,
  store: 'mysql' | 'sqlite',
  start: StartPeer,
): Matchup {
  return {
    ...ourSide(options, load, store),
    peer,
    theirs: async ({ folder, mysqlUrl, mysqlPid }) => {
      const { pace, clients } = load
      const shared =
        store === 'mysql' ? { mysqlUrl, storePid: mysqlPid } : { mysqlUrl: undefined, storePid: undefined }
      return [
        await runPeer({
          name: peer,
          start,
          pace,
          clients,
          seconds: options.seconds,
          text,
          folder,
          ...shared,
        }),
      ]
    },
  }
}

function ceilings(
  options: CompareOptions,
  load: Load,
  store: 'mysql' | 'sqlite',
  play: (ground: Ground, ws: (kind: 'echo' | 'broadcast') => Promise<Run>) => Promise<Run[]>,
): Matchup {
  const { pace, clients } = load
  const { seconds } = options
  return {
    ...ourSide(options, load, store),
    peer: 'ceilings',
    theirs: (ground) => play(ground, (kind) => runBareWs({ kind, pace, clients, seconds, text })),
  }
}
