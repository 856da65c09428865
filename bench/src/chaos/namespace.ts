import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { findProgram } from '../engines/program.ts'

const run = promisify(execFile)
const ip = (...words: string[]): Promise<unknown> => run(findProgram('ip') ?? 'ip', words)

/** A host of its own with cables to this one, each of which can be pulled. */
export interface Namespace {
  /** In front of a program that is to run in there. */
  readonly wrap: readonly string[]
  readonly cables: readonly Cable[]
  close(): Promise<void>
}

export interface Cable {
  /** Address of this end, and of the one in there. */
  readonly here: string
  readonly there: string
  /** Nothing passes, and nobody is told. */
  down(): Promise<void>
  up(): Promise<void>
}

/** Why there can be none here, after trying; undefined = there can. */
export async function whyNoNamespace(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  if (findProgram('ip') === undefined) return 'there is no ip (Debian: the package iproute2)'
  try {
    await (await openNamespace(255, 1)).close()
    return undefined
  } catch (error) {
    return `network namespaces are refused: ${error instanceof Error ? error.message.trim() : String(error)}`
  }
}

/** @param number of at most 255; together with the process it makes names and addresses its own */
export async function openNamespace(number: number, cables: number): Promise<Namespace> {
  const name = `nexo-${process.pid}-${number}`
  const cableOf = async (index: number): Promise<Cable> => {
    const [outer, inner] = [
      `nx${process.pid % 100_000}o${number}${index}`,
      `nx${process.pid % 100_000}i${number}${index}`,
    ]
    const net = `10.${200 + (process.pid % 50)}.${number}`
    const [here, there] = [`${net}.${index * 4 + 1}`, `${net}.${index * 4 + 2}`]
    await ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner)
    await ip('link', 'set', inner, 'netns', name)
    await ip('addr', 'add', `${here}/30`, 'dev', outer)
    await ip('link', 'set', outer, 'up')
    await ip('-n', name, 'addr', 'add', `${there}/30`, 'dev', inner)
    await ip('-n', name, 'link', 'set', inner, 'up')
    const set = (state: string) => async (): Promise<void> => void (await ip('link', 'set', outer, state))
    return { here, there, down: set('down'), up: set('up') }
  }
  await ip('netns', 'add', name)
  const program = findProgram('ip') ?? 'ip'
  // A Ctrl-C must not leave it; with the last process in there its cables go as well.
  const follow = (): void => void execFileSync(program, ['netns', 'del', name])
  process.on('exit', follow)
  const close = async (): Promise<void> => {
    process.off('exit', follow)
    await ip('netns', 'del', name)
  }
  try {
    await ip('-n', name, 'link', 'set', 'lo', 'up')
    const made: Cable[] = []
    for (let index = 0; index < cables; index++) made.push(await cableOf(index))
    return { wrap: [program, 'netns', 'exec', name], cables: made, close }
  } catch (error) {
    await close()
    throw error
  }
}
