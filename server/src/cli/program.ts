import { ImError } from '@nexo-im/protocol'
import { nearestWord } from '../spelling.ts'
import { withoutPasswords } from '../url-passwords.ts'
import { type Command, type ExitCode, exitCodes, helpOf, type Terminal, UsageError } from './arguments.ts'
import { backup } from './backup.ts'
import { bench } from './bench.ts'
import { migrate } from './migrate.ts'
import { move } from './move.ts'
import { restore } from './restore.ts'
import { serve } from './serve.ts'
import { verifyCommand } from './verify.ts'

const commands: readonly Command[] = [serve, verifyCommand, migrate, move, backup, restore, bench]

/** Runs what a command line says. Never throws: what goes wrong is said in a sentence. */
export async function runCommand(
  [first = 'serve', ...rest]: readonly string[],
  screen: Terminal,
): Promise<ExitCode> {
  const terminal = withoutSecrets(screen)
  if (first === 'help' || first === '--help') return help(rest[0], terminal)
  // Without a command it serves: `nexo --port 8080`.
  const [name, args] = first.startsWith('--') ? ['serve', [first, ...rest]] : [first, rest]
  const chosen = commands.find((command) => command.name === name)
  if (!chosen) return unknown(name, terminal)
  if (args.includes('--help')) return help(name, terminal)
  try {
    return await chosen.run(args, terminal)
  } catch (error) {
    terminal.err(sentenceOf(error))
    return error instanceof UsageError ? 2 : 1
  }
}

/** What a driver says of its server stands in the detail of a refusal. */
function sentenceOf(error: unknown): string {
  return (error instanceof ImError ? error.detail : undefined) ?? (error as Error).message
}

function help(name: string | undefined, terminal: Terminal): ExitCode {
  const chosen = commands.find((command) => command.name === name)
  if (name !== undefined && !chosen) return unknown(name, terminal)
  const width = Math.max(...commands.map((command) => command.name.length))
  const lines = chosen
    ? helpOf(chosen)
    : [
        'usage: nexo COMMAND [OPTIONS]',
        '',
        ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
        '',
        'nexo COMMAND --help lists its options',
        exitCodes,
      ]
  for (const line of lines) terminal.out(line)
  return 0
}

function unknown(name: string, terminal: Terminal): ExitCode {
  const nearest = nearestWord(
    name,
    commands.map((command) => command.name),
  )
  const hint = nearest === undefined ? 'nexo help lists them' : `did you mean ${nearest}?`
  terminal.err(`there is no command "${name}"; ${hint}`)
  return 2
}

/** URLs of stores are in many sentences, of ours and of others: their passwords are in none. */
function withoutSecrets(screen: Terminal): Terminal {
  return {
    out: (line) => screen.out(withoutPasswords(line)),
    err: (line) => screen.err(withoutPasswords(line)),
    isLive: screen.isLive,
    get signal() {
      return screen.signal
    },
  }
}
