import type { Figure } from '../../bench/src/figures.ts'
import { askedOf, groupsOf, type Spread, spreadOf, type Variant, variantsOf } from './groups.ts'
import type { CompareLine, Results, ScenarioLine } from './results.ts'

/** What must be reached on two cores that are shared with generator and database. */
export interface Target {
  readonly id: string
  readonly says: string
  readonly goal: Pick<Figure, 'better'> & { readonly value: number }
  readonly unit: string
}

interface FigureTarget extends Target {
  readonly scenario: string
  readonly store: string
  readonly figure: string
  /** Which of the scenario's loads is meant. */
  readonly isMeant?: (line: ScenarioLine) => boolean
}

interface PeerTarget extends Target {
  readonly peer: string
  readonly scenario: string
}

const atLeast = (value: number): Target['goal'] => ({ better: 'more', value })
const atMost = (value: number): Target['goal'] => ({ better: 'less', value })

const inFlight = (count: number) => (line: ScenarioLine) => 'inFlight' in line && line.inFlight === count
const rate = (count: number) => (line: ScenarioLine) =>
  'offeredPerSecond' in line && line.offeredPerSecond === count
/** At least so many sessions, messages or clients. */
const size = (count: number) => (line: ScenarioLine) =>
  'calls' in line ? (askedOf(line.size)[0]?.[1] ?? 0) >= count : line.clients >= count
const both =
  (...tests: readonly ((line: ScenarioLine) => boolean)[]) =>
  (line: ScenarioLine) =>
    tests.every((test) => test(line))

const acks = {
  id: 'P1',
  scenario: 'send-closed',
  figure: 'acks',
  unit: '/s',
  goal: atLeast(20_000),
  isMeant: both(inFlight(4), size(200)),
}
const p99 = { id: 'P2', scenario: 'send-open', store: 'sqlite', figure: 'p99', unit: ' ms' }
const idle = { id: 'P6', scenario: 'idle', store: 'sqlite', isMeant: size(15_000) }

const figureTargets: readonly FigureTarget[] = [
  { ...acks, says: 'acks/s with 4 in flight, SQLite', store: 'sqlite' },
  { ...acks, says: 'acks/s with 4 in flight, MariaDB', store: 'mysql' },
  {
    ...p99,
    says: 'delivery p99 at 1,000 messages/s',
    goal: atMost(10),
    isMeant: both(rate(1000), size(1000)),
  },
  {
    ...p99,
    says: 'delivery p99 at 5,000 messages/s',
    goal: atMost(15),
    isMeant: both(rate(5000), size(1000)),
  },
  {
    ...p99,
    says: 'delivery p99 at 10,000 messages/s',
    goal: atMost(30),
    isMeant: both(rate(10_000), size(1000)),
  },
  {
    id: 'P3',
    says: 'deliveries/s to 1,000 members, 4 in flight',
    scenario: 'fanout',
    store: 'sqlite',
    figure: 'deliveries',
    unit: '/s',
    goal: atLeast(250_000),
    isMeant: both(inFlight(4), size(1000)),
  },
  {
    id: 'P3',
    says: 'p99 of the last of 1,000 members at 100 messages/s',
    scenario: 'fanout-open',
    store: 'sqlite',
    figure: 'last member p99',
    unit: ' ms',
    goal: atMost(40),
    isMeant: both(rate(100), size(1000)),
  },
  {
    id: 'P4',
    says: 'server CPU of a delivery at 1,000 messages/s',
    scenario: 'fanout-many',
    store: 'sqlite',
    figure: 'server CPU',
    unit: ' µs',
    goal: atMost(4),
    isMeant: both(rate(1000), size(1000)),
  },
  {
    id: 'P5',
    says: 'time to the last of 10,000 members, median',
    scenario: 'fanout-10k',
    store: 'sqlite',
    figure: 'last member p50',
    unit: ' ms',
    goal: atMost(150),
    isMeant: size(10_000),
  },
  { ...idle, says: 'memory of each of 15,000 sessions', figure: 'memory', unit: ' B', goal: atMost(15_360) },
  {
    ...idle,
    says: 'CPU of 15,000 idle sessions',
    figure: 'server CPU',
    unit: ' % of a core',
    goal: atMost(5),
  },
  {
    id: 'P7',
    says: '15,000 sessions cut at once: all in sync',
    scenario: 'reconnect-storm',
    store: 'sqlite',
    figure: 'all in sync',
    unit: ' s',
    goal: atMost(15),
    isMeant: size(15_000),
  },
  {
    id: 'P8',
    says: 'pages of 100 among 1,000,000 messages',
    scenario: 'history',
    store: 'sqlite',
    figure: 'pages of 100',
    unit: '/s',
    goal: atLeast(2500),
    isMeant: size(1_000_000),
  },
  {
    id: 'P14',
    says: 'ready after kill -9 with 1,000,000 messages, slowest',
    scenario: 'restart',
    store: 'sqlite',
    figure: 'ready, slowest',
    unit: ' s',
    goal: atMost(3),
    isMeant: size(1_000_000),
  },
  {
    id: 'P15',
    says: 'bytes on the disk of a message',
    scenario: 'disk',
    store: 'sqlite',
    figure: 'on disk',
    unit: ' B',
    goal: atMost(700),
    isMeant: size(100_000),
  },
]

const closed = { id: 'P1', scenario: 'P1 send-closed', unit: ' ×' }
const peerTargets: readonly PeerTarget[] = [
  { ...closed, says: 'acks/s against ejabberd, median of rounds', peer: 'ejabberd', goal: atLeast(5) },
  { ...closed, says: 'acks/s against Prosody, median of rounds', peer: 'prosody', goal: atLeast(12) },
]

export type Status = 'met' | 'not met' | 'FAIL' | 'VOID' | 'not measured'

export interface Judged {
  readonly target: Target
  readonly status: Status
  readonly spread?: Spread
  /** Where it comes from, of what was measured. */
  readonly line?: ScenarioLine | CompareLine
}

/** Every target beside what was measured, or that nothing was. */
export function judgeTargets(results: Results): Judged[] {
  const variants = variantsOf(results.scenarios)
  const pairs = groupsOf(
    results.comparisons,
    ({ scenario, peer }) => `${scenario} ${peer}`,
    ({ environment }) => environment,
  ).map(({ lines }) => lines.at(-1) as CompareLine)
  const judged = [
    ...figureTargets.map((target) => judgeFigure(target, variants)),
    ...peerTargets.map((target) => judgePeer(target, pairs)),
  ]
  return judged.toSorted((a, b) => numberOf(a.target.id) - numberOf(b.target.id))
}

function numberOf(id: string): number {
  return Number(id.slice(1))
}

/** Of several loads that are meant, the one that was measured last. */
function judgeFigure(target: FigureTarget, variants: readonly Variant[]): Judged {
  const meant = variants
    .filter(({ lines: [line] }) => {
      const { scenario, store, nodes } = line
      return scenario === target.scenario && store === target.store && nodes === 1 && isCommitted(line)
    })
    .filter(({ lines: [line] }) => target.isMeant?.(line) ?? true)
    .toSorted((a, b) => dateOf(a).localeCompare(dateOf(b)))
    .at(-1)
  if (meant === undefined) return { target, status: 'not measured' }
  const line = meant.lines[meant.lines.length - 1] as ScenarioLine
  if (meant.verdict !== 'PASS') return { target, status: meant.verdict, line }
  const spread = spreadOf(meant.counted, target.figure)
  if (spread === undefined) return { target, status: 'not measured', line }
  return { target, status: statusOf(target, spread.median), spread, line }
}

/** Every target is about messages that survive a power cut. */
function isCommitted({ durability }: ScenarioLine): boolean {
  return durability === 'D2'
}

function dateOf({ lines }: Variant): string {
  return lines.at(-1)?.environment.date ?? ''
}

function judgePeer(target: PeerTarget, pairs: readonly CompareLine[]): Judged {
  const line = pairs.find(({ scenario, peer }) => scenario === target.scenario && peer === target.peer)
  const [comparison] = line?.comparisons ?? []
  if (line === undefined || comparison === undefined || comparison.letters !== undefined)
    return { target, status: 'not measured', ...(line && { line }) }
  if (line.rounds.some(({ ours }) => ours.verdict === 'FAIL')) return { target, status: 'FAIL', line }
  const { spread } = comparison
  if (spread === null) return { target, status: 'VOID', line }
  return { target, status: statusOf(target, spread.median), spread, line }
}

function statusOf({ goal }: Target, value: number): Status {
  return (goal.better === 'more' ? value >= goal.value : value <= goal.value) ? 'met' : 'not met'
}
