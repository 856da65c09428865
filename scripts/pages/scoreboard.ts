import type { ScenarioLine } from './results.ts'

/** A row of the scoreboard: each is on the page, measured or not. */
export interface Score {
  readonly id: string
  readonly says: string
  /** How often it must be done to count; none where the row is not about a number of times. */
  readonly times?: { readonly ci: number; readonly full: number }
  /** How many of what a round must count at the least. */
  readonly counted?: { readonly what: string; readonly ci: number }
  /** What measures it. */
  readonly command: string
  /** Another fault of chaos that is about it too, but not the same: a row of its own, played or not. */
  readonly beside?: { readonly fault: string; readonly says: string; readonly ci: number }
  /** Lines of the bench that are about it. */
  readonly scenario?: (line: ScenarioLine) => boolean
  /** Kept by these suites in each run of `npm test`, as far as a line does not say more. */
  readonly suites?: readonly string[]
}

export interface Part {
  readonly title: string
  readonly scores: readonly Score[]
}

const isOf = (scenario: string) => (line: ScenarioLine) => line.scenario === scenario

const load: readonly Score[] = [
  {
    id: 'R1',
    says: '15,000 sessions for 5 / 60 minutes with 1,000 durable messages/s: nothing missing, nobody cut off, p99 ≤ 30 ms',
    command: 'npm run bench -- soak --sessions 15000 --minutes 5',
    scenario: (line) => isOf('soak')(line) && 'clients' in line && line.clients >= 15_000,
  },
  {
    id: 'R2',
    says: '100,000 deliveries/s to one group for 1 / 10 minutes: nothing missing, p99 of the last member ≤ 50 ms',
    command: 'npm run bench -- fanout-open --rate 100 --seconds 60',
    scenario: (line) =>
      isOf('fanout-open')(line) && !('calls' in line) && line.seconds >= 60 && line.offeredPerSecond === 100,
  },
  {
    id: 'R3',
    says: 'reconnect storm of 15,000: all in sync ≤ 15 s, nothing missing',
    command: 'npm run bench -- reconnect-storm',
    scenario: isOf('reconnect-storm'),
  },
  {
    id: 'R4',
    says: 'soak for 3 / 60 minutes: heap ≤ 2 % in ten minutes after forced collection, descriptors flat',
    command: 'npm run bench -- soak --minutes 60',
    scenario: isOf('soak'),
  },
  {
    id: 'R5',
    says: 'overload at three times what it holds for 1 / 5 minutes: clear refusals, accepted messages kept, p99 ≤ 2 s, recovered ≤ 5 s after',
    command: 'npm run bench -- overload',
    scenario: isOf('overload'),
  },
]

const faults: readonly Score[] = [
  {
    id: 'R6',
    says: 'kill -9 at random times while 50 clients send and repeat',
    times: { ci: 20, full: 200 },
    command: 'npm run chaos -- kill',
  },
  {
    id: 'R7',
    says: 'power cut: what nobody had synced is gone',
    times: { ci: 5, full: 50 },
    command: 'npm run chaos -- power',
  },
  {
    id: 'R8',
    says: 'database killed and started again: no ack meanwhile, back ≤ 5 s after it',
    times: { ci: 5, full: 50 },
    command: 'npm run chaos -- database',
  },
  {
    id: 'R9',
    says: 'Redis beside a store killed, emptied, started again: no number falls back, nothing lost',
    times: { ci: 5, full: 50 },
    command: 'npm run chaos -- redis',
  },
  {
    id: 'R10',
    says: 'way to the database stalled, reset, slow, half open, its answers lost: one record each',
    times: { ci: 5, full: 50 },
    command: 'npm run chaos -- link',
  },
  {
    id: 'R11',
    says: 'connection cut between send and ack, repeated with the same id: nothing twice',
    times: { ci: 1000, full: 20_000 },
    command: 'npm run chaos -- lost-acks',
  },
  {
    id: 'R12',
    says: 'two nodes, one cut off from bus, database or both: no two writers, the same history',
    times: { ci: 5, full: 50 },
    command: 'npm run chaos -- partition',
    beside: { fault: 'nodes', says: 'three nodes, one of them killed with kill -9 under load', ci: 10 },
  },
  {
    id: 'R13',
    says: 'disk full: explicit refusals, what was acked is kept',
    times: { ci: 3, full: 20 },
    command: 'npm run chaos -- disk-full',
  },
  { id: 'R14', says: 'no file descriptor left, and some again', command: 'npm run chaos -- descriptors' },
  {
    id: 'R15',
    says: 'little memory, and clients who do not read what they are sent',
    command: 'npm run chaos -- memory',
  },
  {
    id: 'R16',
    says: 'members who stop reading: p99 of the others ≤ 1.3 times, RSS ≤ +64 MiB, the slow ones complete afterwards',
    command: 'npm run bench -- slow-consumer',
    scenario: isOf('slow-consumer'),
  },
  {
    id: 'R17',
    says: 'clock jumps an hour or a day, or stands still: order kept, tokens judged sanely',
    command: 'npm run chaos -- clock',
  },
  {
    id: 'R18',
    says: 'rolling restart under load: no ack fails',
    times: { ci: 5, full: 50 },
    command: 'npm run chaos -- rolling',
  },
  {
    id: 'R19',
    says: 'one bit turned over or a tail gone in any file: correct or refused, never silently wrong',
    times: { ci: 20, full: 500 },
    command: 'npm run chaos -- damage',
  },
  {
    id: 'R20',
    says: 'the n-th call of each dependency fails, for every n',
    command: 'npm test -- nth-failure',
    suites: ['server/src/nth-failure.test.ts'],
  },
  {
    id: 'R21',
    says: 'simulation of the core with random faults, 1,000 / 200,000 seeds',
    command: 'npm test -- simulation',
    suites: ['server/src/simulation/simulation.test.ts'],
  },
  {
    id: 'R22',
    says: 'data of an earlier version migrated, kill -9 in the middle of it',
    command: 'npm test -- cli/migrate cli/crash',
    suites: ['server/src/cli/migrate.test.ts', 'server/src/cli/crash.test.ts'],
  },
  {
    id: 'R23',
    says: 'backups while everybody writes, each restored and judged',
    command: 'npm run chaos -- backup',
    suites: ['server/src/cli/backup.test.ts'],
  },
]

const inputs: readonly Score[] = [
  {
    id: 'R24',
    says: '200,000 / 5,000,000 mutated WebSocket frames: no crash, the right close code, memory flat',
    counted: { what: 'frames', ci: 200_000 },
    command: 'npm run fuzz -- frames',
  },
  {
    id: 'R25',
    says: '200,000 / 5,000,000 mutated requests at every door: no crash, no internal error, no change by a refusal',
    counted: { what: 'requests', ci: 200_000 },
    command: 'npm run fuzz -- calls',
    suites: ['server/src/transports/fuzz.test.ts'],
  },
  {
    id: 'R26',
    says: '50,000 / 1,000,000 HTTP requests from our own OpenAPI file, and garbage: no 5xx, none hangs',
    counted: { what: 'requests', ci: 50_000 },
    command: 'npm run fuzz -- http',
  },
  { id: 'R27', says: 'parsers, guided by coverage, 1 / 10 minutes each', command: 'npm run fuzz -- parsers' },
  {
    id: 'R28',
    says: 'properties of codecs and state machines, 10,000 / 1,000,000 cases',
    counted: { what: 'runs of each', ci: 10_000 },
    command: 'npm run fuzz -- properties',
    suites: [
      'protocol/src/frame.test.ts',
      'protocol/src/json.test.ts',
      'protocol/src/ids.test.ts',
      'server/src/fuzz/codecs.test.ts',
      'client/src/sync.property.test.ts',
      'client/src/catch-up.property.test.ts',
    ],
  },
  {
    id: 'R29',
    says: 'WebSocket conformance: the groups of Autobahn, all of about 300 cases',
    command: 'npm run fuzz -- conformance',
  },
  {
    id: 'R30',
    says: 'hostile text through every door: what is stored is what was sent, or it was refused',
    command: 'npm run fuzz -- text',
  },
]

const attackSuites = [
  'amplification',
  'authentication',
  'authorisation',
  'authority',
  'catalogue',
  'content',
  'injection',
  'origins',
  'patterns',
  'supply-chain',
  'tokens',
  'transport',
].map((name) => `server/src/attacks/${name}.test.ts`)

const attacks: readonly Score[] = [
  {
    id: 'R31',
    says: 'each attack A1–A45 is a named test',
    command: 'npm test -- server/src/attacks',
    suites: attackSuites,
  },
  {
    id: 'R32',
    says: 'who asks × of what × every operation, by a table written by hand',
    command: 'npm test -- policy',
    suites: ['server/src/core/policy.test.ts'],
  },
  {
    id: 'R33',
    says: 'no high advisory, exact lockfile, no unknown install script, bill of materials',
    command: 'npm run audit; npm run sbom',
    suites: [
      'server/src/attacks/supply-chain.test.ts',
      'scripts/licences.test.ts',
      'scripts/prepare.test.ts',
    ],
  },
  {
    id: 'R34',
    says: 'no token, password or message body in the repository or in logs',
    command: 'npm test -- supply-chain content authentication',
    suites: [
      'server/src/attacks/supply-chain.test.ts',
      'server/src/attacks/authentication.test.ts',
      'server/src/attacks/content.test.ts',
    ],
  },
]

export const parts: readonly Part[] = [
  { title: 'Load held', scores: load },
  { title: 'Faults survived', scores: faults },
  { title: 'Bad inputs', scores: inputs },
  { title: 'Attacks', scores: attacks },
]
