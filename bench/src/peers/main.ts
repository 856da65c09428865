import { appendFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { listenerOf } from '../engines/killable.ts'
import { type Services, startServices } from '../engines/services.ts'
import { describeEnvironment, type Environment, measureFsync } from '../environment.ts'
import { type Ground, type Matchup, matchupsOf } from './matchups.ts'
import { type CompareOptions, readCompareOptions, usage } from './options.ts'
import { ensurePeers } from './packages.ts'
import { type Outcome, outcomeOf, playRounds, type Rules } from './rounds.ts'
import { machineLine, outcomeTable, overview } from './table.ts'

/** The peers that are programs of their own, which Debian packs. */
const packaged: readonly string[] = ['ejabberd', 'prosody', 'nats']

interface Shared {
  readonly ground: Ground
  /** Why there is no MariaDB, where one is needed. */
  readonly noMysql: string | undefined
  close(): Promise<void>
}

/** One folder and one MariaDB for everybody. */
async function openGround(options: CompareOptions, isMysqlNeeded: boolean): Promise<Shared> {
  const folder = await mkdtemp(join(options.data, 'nexo-compare-'))
  const clean = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  process.on('exit', clean)
  let own: Services | undefined
  let noMysql: string | undefined
  let mysqlUrl = process.env['MYSQL_URL'] || undefined
  let mysqlPid: number | undefined
  if (isMysqlNeeded && mysqlUrl === undefined) {
    try {
      own = await startServices(['mariadb'], folder)
      mysqlUrl = own.urls['MYSQL_URL']
      // Our own side looks there for its store.
      process.env['MYSQL_URL'] = mysqlUrl
      mysqlPid = mysqlUrl === undefined ? undefined : ownerOf(mysqlUrl)
    } catch (error) {
      noMysql = error instanceof Error ? error.message : String(error)
    }
  }
  return {
    ground: { folder, mysqlUrl, mysqlPid },
    noMysql,
    close: async () => {
      await own?.stop()
      clean()
      process.off('exit', clean)
    },
  }
}

function ownerOf(url: string): number | undefined {
  try {
    return listenerOf(Number(new URL(url).port))
  } catch {
    // No /proc: its use stays unknown.
    return undefined
  }
}

/** One JSON line of a result file; everything that a page needs is in it. */
function lineOf({ matchup, ...outcome }: Outcome, options: CompareOptions, environment: Environment): string {
  const { scenario, peer, load, store, metric } = matchup
  const { seconds } = options
  return JSON.stringify({
    kind: 'compare',
    scenario,
    peer,
    load,
    seconds,
    store,
    metric,
    ...outcome,
    environment,
  })
}

async function play(options: CompareOptions, say: (progress: string) => void): Promise<Outcome[]> {
  const matchups = matchupsOf(options)
  const missing = await ensurePeers(options.peers.filter((peer) => packaged.includes(peer)))
  const { ground, noMysql, close } = await openGround(
    options,
    matchups.some(({ isOnMysql }) => isOnMysql),
  )
  const lackOf = ({ peer, isOnMysql }: Matchup): string | undefined =>
    missing[peer] ?? (isOnMysql ? noMysql : undefined)
  const outcomes: Outcome[] = []
  const rules: Rules = {
    rounds: options.rounds,
    probe: () => measureFsync(ground.folder),
    say: (progress) => say(`  ${progress}`),
  }
  try {
    for (const matchup of matchups) {
      say(`${matchup.scenario} – ${matchup.peer}`)
      const lack = lackOf(matchup)
      const outcome =
        lack === undefined
          ? await playRounds(matchup, ground, rules)
          : { ...outcomeOf(matchup, [], 0), notRun: lack }
      outcomes.push(outcome)
      process.stdout.write(`${outcomeTable(outcome)}\n`)
      const environment = describeEnvironment()
      if (options.out !== undefined) appendFileSync(options.out, `${lineOf(outcome, options, environment)}\n`)
    }
  } finally {
    await close()
  }
  return outcomes
}

async function main(): Promise<number> {
  let options: CompareOptions
  try {
    options = readCompareOptions(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`)
    return 2
  }
  process.stdout.write(`${machineLine(describeEnvironment())}\n`)
  const outcomes = await play(options, (progress) => void process.stderr.write(`${progress}\n`))
  process.stdout.write(`${overview(outcomes)}\n`)
  return exitCodeOf(outcomes)
}

/** A peer that cannot be had fails nothing; a message that is not right on either side does, and so does no comparison at all. */
function exitCodeOf(outcomes: readonly Outcome[]): number {
  const rounds = outcomes.flatMap((outcome) => outcome.rounds)
  const runs = rounds.flatMap(({ ours, theirs }) => [ours, ...theirs])
  const hasBroken = outcomes.some(({ isBroken }) => isBroken === true)
  return runs.length === 0 || hasBroken || runs.some(({ verdict }) => verdict === 'FAIL') ? 1 : 0
}

// Servers and temporary folders are cleared away in `exit` handlers.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

process.exitCode = await main()
