import type { Options, ScenarioName } from '../options.ts'
import type { Row } from '../report.ts'
import type { CallRow } from './calls.ts'
import { disk } from './disk.ts'
import { fanout } from './fanout.ts'
import { fanoutMany } from './fanout-many.ts'
import { fanoutOpen, fanoutTenThousand } from './fanout-open.ts'
import { history } from './history.ts'
import { idle, idleSessions } from './idle.ts'
import { largeGroup } from './large-group.ts'
import { login } from './login.ts'
import { longList } from './long-list.ts'
import { mix } from './mix.ts'
import { overload } from './overload.ts'
import { reconnectStorm, sessionsByDefault } from './reconnect-storm.ts'
import { restart } from './restart.ts'
import { sendClosed } from './send-closed.ts'
import { sendOpen } from './send-open.ts'
import { slowConsumer } from './slow-consumer.ts'
import { soak, soakConnections } from './soak.ts'
import {
  connectionLimit,
  type Limit,
  requestLimits,
  type Stage,
  sendsLimit,
  withServer,
  withStage,
} from './stage.ts'

import { twoNode } from './two-node.ts'

/** A line of the report. */
export type Outcome = Row | CallRow

const shippedConnections = 10_000

function connections(count: number): readonly Limit[] {
  return count > shippedConnections ? [connectionLimit(count)] : []
}

type Play = (options: Options) => Promise<readonly Outcome[]>

const onStage =
  (
    play: (stage: Stage) => Promise<Outcome>,
    limits: (options: Options) => readonly Limit[] = () => [],
  ): Play =>
  (options) =>
    withServer(options, [sendsLimit, ...limits(options)], async (stage) => [await play(stage)])

const plays: Readonly<Record<ScenarioName, Play>> = {
  'send-closed': onStage(sendClosed),
  'send-open': onStage(sendOpen),
  fanout: onStage(fanout),
  'fanout-open': onStage(fanoutOpen),
  'fanout-many': onStage(fanoutMany),
  'fanout-10k': onStage(fanoutTenThousand, ({ members = 10_000 }) => connections(members)),
  idle: (options) =>
    withServer(options, connections(idleSessions(options) + 100), async (stage) => [await idle(stage)]),
  'reconnect-storm': onStage(reconnectStorm, ({ clients = sessionsByDefault }) =>
    // A server may see some come back before it has seen them go.
    connections(Math.ceil(clients * 1.1) + 100),
  ),
  history: onStage(history, () => requestLimits),
  'long-list': onStage(longList),
  mix: onStage(mix, ({ clients = 0 }) => connections(clients + 100)),
  'slow-consumer': onStage(slowConsumer),
  login: onStage(login),
  soak: (options) =>
    withStage(
      {
        options,
        limits: [sendsLimit, ...connections(soakConnections(options))],
        nodeArguments: ['--inspect=127.0.0.1:0'],
      },
      async (stage) => [await soak(stage)],
    ),
  restart: onStage(restart),
  disk: onStage(disk),
  'two-node': twoNode,
  'large-group': onStage(largeGroup),
  overload: onStage(overload),
}

/** What a scenario is run with in turn when nothing else is asked for: the design's own list. */
const inFlights: Partial<Record<ScenarioName, readonly number[]>> = {
  'send-closed': [1, 4, 16],
  fanout: [1, 4, 16],
}
const rates: Partial<Record<ScenarioName, readonly number[]>> = {
  'send-open': [1000, 5000, 10_000],
  'fanout-many': [500, 1000],
}

export interface Run {
  readonly name: ScenarioName
  readonly options: Options
  play(): Promise<readonly Outcome[]>
}

/** Every run of these options, each on servers of its own. */
export function runsOf(options: Options): Run[] {
  if (options.quick) return quickRuns(options)
  return options.scenarios.flatMap((name) => {
    const perFlight = (options.inFlights ?? inFlights[name] ?? [undefined]).map((inFlight) => ({ inFlight }))
    const perRate = (options.rates ?? rates[name] ?? [undefined]).map((rate) => ({ rate }))
    const variants = name in inFlights ? perFlight : perRate
    return variants.map((variant) => runOf(name, { ...options, ...variant }))
  })
}

function runOf(name: ScenarioName, options: Options): Run {
  return { name, options, play: () => plays[name](options) }
}

/** A minute or so for P1 to P4. */
function quickRuns(options: Options): Run[] {
  const quick = { ...options, seconds: options.seconds ?? 8 }
  return [
    runOf('send-closed', { ...quick, inFlight: 4 }),
    runOf('send-open', { ...quick, rate: 1000 }),
    runOf('send-open', { ...quick, rate: 5000 }),
    runOf('fanout', { ...quick, inFlight: 4 }),
    runOf('fanout-many', { ...quick, rate: 500 }),
  ]
}
