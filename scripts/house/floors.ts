import { type Doors, type Import, importsOf, readDoors, readTree, type Target, type Tree } from './imports.ts'

/**
 * One floor: the sources under `path` may import what `may` lists and nothing else. An entry is a path prefix
 * (`server/src/core/`), a door (`door:@nexo-im/client`), a package (`package:name`, `package:@scope/`,
 * `package:*`) or `node:`; `self` is the floor's own part: the first folder or file below its path.
 */
interface Floor {
  readonly path: string
  /** Only files that lie directly in `path`. */
  readonly direct?: boolean
  readonly may: readonly string[]
  readonly never?: readonly string[]
}

const protocol = ['door:@nexo-im/protocol', 'door:@nexo-im/protocol/']
const clientDoors = ['door:@nexo-im/client', 'door:@nexo-im/client/react', 'door:@nexo-im/client/verify']
const databases = ['better-sqlite3', 'mysql2', 'kysely', 'mongodb', 'ioredis', '@nats-io/', '@aws-sdk/']
const networks = ['fastify', '@fastify/', 'ws', '@connectrpc/', '@bufbuild/']
const bindings = ['client/src/react.ts', 'client/src/vue.ts', 'client/src/angular.ts']
const packages = (names: readonly string[]): string[] => names.map((name) => `package:${name}`)

/** Who may import whom; the longest matching path decides. Tests stand apart: see `doorsForTests`. */
const floors: readonly Floor[] = [
  { path: 'protocol/src/', may: ['protocol/src/', 'package:typebox'] },

  { path: 'server/src/core/', may: ['server/src/core/', ...protocol] },
  {
    path: 'server/src/storage/',
    may: [
      'server/src/storage/',
      'server/src/core/ports.ts',
      'server/src/core/tables.ts',
      ...protocol,
      'node:',
      ...packages(databases),
    ],
  },
  {
    path: 'server/src/bus/',
    may: [
      'server/src/bus/',
      'server/src/core/ports.ts',
      ...protocol,
      'node:',
      'package:ioredis',
      'package:@nats-io/',
    ],
  },
  {
    path: 'server/src/transports/',
    may: ['server/src/transports/', 'server/src/core/', ...protocol, 'node:', ...packages(networks)],
  },
  // Reads what the core counted; the version it tells is the package's.
  {
    path: 'server/src/metrics/',
    may: [
      'server/src/metrics/',
      'server/src/core/',
      'server/package.json',
      ...protocol,
      'node:',
      'package:prom-client',
    ],
  },
  { path: 'server/src/features/', may: ['self', 'server/src/core/', ...protocol, 'node:', 'package:*'] },
  {
    path: 'server/src/testing/',
    may: [
      'server/src/testing/',
      'server/src/service.ts',
      'server/src/index.ts',
      'server/src/cli/program.ts',
      ...protocol,
      ...clientDoors,
      'node:',
      'package:ws',
    ],
  },
  // What its tests attack with: a service as people run it, and bytes by hand.
  {
    path: 'server/src/attacks/',
    may: ['server/src/attacks/', 'server/src/testing/', 'server/src/index.ts', ...protocol, 'node:'],
  },
  // The domain without doors: it is put together here once more, for the domain's own tests.
  {
    path: 'server/src/testing/domain/',
    may: ['server/src/testing/', 'server/src/core/', 'server/src/storage/open.ts', ...protocol, 'node:'],
  },
  // Whole clusters in one process, with everything going wrong by a seed: testing code as well.
  {
    path: 'server/src/simulation/',
    may: [
      'server/src/simulation/',
      'server/src/testing/',
      'server/src/core/',
      'server/src/storage/open.ts',
      ...protocol,
      'node:',
    ],
  },
  // Whatever reads bytes from outside, given bytes that nobody meant: testing code as well.
  {
    path: 'server/src/fuzz/',
    may: [
      'server/src/fuzz/',
      'server/src/simulation/chance.ts',
      'server/src/auth.ts',
      'server/src/config.ts',
      'server/src/bus/address.ts',
      'server/src/transports/',
      ...protocol,
      'node:',
      'package:ws',
    ],
  },
  // Empty stores on real servers, for the suites that run on every driver.
  {
    path: 'server/src/testing/stores/',
    may: [
      'server/src/testing/',
      'server/src/storage/',
      'server/src/core/ports.ts',
      'server/src/core/tables.ts',
      'node:',
      'package:vitest',
      ...packages(databases),
    ],
  },
  // What goes from one store into another, through the port alone; only whole SQLite files are touched as such.
  {
    path: 'server/src/moving/',
    may: [
      'server/src/moving/',
      'server/src/core/ports.ts',
      'server/src/core/tables.ts',
      'server/src/storage/open.ts',
      'server/src/storage/sqlite/file.ts',
      ...protocol,
      'node:',
    ],
  },
  {
    path: 'server/src/cli/',
    may: ['server/src/', 'server/package.json', ...protocol, ...clientDoors, 'node:', 'package:*'],
  },
  // The composition: service, index, auth, config, secrets and their like.
  {
    path: 'server/src/',
    direct: true,
    may: ['server/src/', ...protocol, ...clientDoors, 'node:', 'package:*'],
    never: ['server/src/cli/', 'server/src/testing/'],
  },

  { path: 'client/src/', may: ['client/src/', ...protocol], never: bindings },
  { path: 'client/src/e2ee/', may: ['client/src/', ...protocol, 'package:@matrix-org/'], never: bindings },
  { path: 'client/src/sha256.ts', may: [...protocol, 'package:@noble/hashes'], never: bindings },
  {
    path: 'client/src/react.ts',
    may: ['client/src/', ...protocol, 'package:react'],
    never: ['client/src/e2ee/'],
  },

  { path: 'web/src/', may: ['web/src/', ...protocol, ...clientDoors, 'package:*'] },
  { path: 'web/e2e/', may: ['web/e2e/', ...protocol, ...clientDoors, 'node:', 'package:*'] },

  { path: 'bench/src/', may: ['bench/src/', 'door:*', 'node:', 'package:*'] },
  { path: 'bench/src/checker', may: ['bench/src/checker', 'node:'] },
]

/** Tests may look into every file of their own workspace, and of another one only through these doors. */
const doorsForTests: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  server: [...protocol, ...clientDoors],
  client: [...protocol, ...clientDoors],
  web: [...protocol, ...clientDoors],
  bench: ['door:*'],
}

const isTest = (file: string): boolean => /\.(test|contract)\.tsx?$/.test(file)
const isIn = (file: string, place: string): boolean => file === place || file.startsWith(place)

function floorOf(file: string): Floor | undefined {
  const matching = floors.filter(
    ({ path, direct }) => isIn(file, path) && !(direct && file.slice(path.length).includes('/')),
  )
  return matching.toSorted((a, b) => b.path.length - a.path.length)[0]
}

/** The floor for tests: the whole workspace, any package, and doors by the table above. */
function testFloorOf(file: string): Floor {
  const workspace = file.split('/')[0] ?? ''
  return { path: file, may: [`${workspace}/`, 'node:', 'package:*', ...(doorsForTests[workspace] ?? [])] }
}

/** `server/src/features/push/apns.ts` on the features floor → `server/src/features/push/`. */
function ownPart(file: string, floor: Floor): string {
  const [part, ...below] = file.slice(floor.path.length).split('/')
  return floor.path + part + (below.length > 0 ? '/' : '')
}

function allows(entry: string, target: Target): boolean {
  if (target.kind === 'computed') return false
  if (target.kind === 'file') return !entry.includes(':') && isIn(target.path, entry)
  if (target.kind === 'node') return entry === 'node:'
  if (target.kind === 'door' && target.path === undefined) return false
  const name = `${target.kind}:${target.name}`
  return entry === name || (entry.endsWith('/') && name.startsWith(entry)) || entry === `${target.kind}:*`
}

function wordFor(target: Target): string {
  if (target.kind === 'computed') return 'a computed path, which no check can follow'
  if (target.kind === 'file') return target.path
  if (target.kind === 'door' && target.path === undefined) return `${target.name}, which is not a door`
  return target.name
}

/** One line for each import that a floor forbids, and for each file that stands on no floor. */
export function violations(tree: Tree, doors: Doors): string[] {
  const found: string[] = []
  for (const [file, source] of tree) {
    const floor = isTest(file) ? testFloorOf(file) : floorOf(file)
    if (floor === undefined) {
      found.push(`${file} stands on no floor: name its place in scripts/house/floors.ts`)
      continue
    }
    const may = floor.may.map((entry) => (entry === 'self' ? ownPart(file, floor) : entry))
    const isForbidden = ({ target }: Import): boolean =>
      !may.some((entry) => allows(entry, target)) ||
      (floor.never ?? []).some((entry) => entry !== file && allows(entry, target))
    for (const each of importsOf(file, source, doors).filter(isForbidden))
      found.push(`${file}:${each.line} may not import ${wordFor(each.target)}`)
  }
  return found
}

if (import.meta.main) {
  const root = `${import.meta.dirname}/../..`
  const found = violations(readTree(root), readDoors(root))
  for (const line of found) console.log(line)
  process.exitCode = found.length === 0 ? 0 : 1
}
