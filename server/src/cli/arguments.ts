import { parseArgs } from 'node:util'
import { nearestWord } from '../spelling.ts'

export interface Option {
  /** What stands for its value in the help; absent for one that has none. */
  readonly value?: string
  readonly prose: string
}

export type Options = Readonly<Record<string, Option>>
export type Values<O extends Options> = {
  readonly [N in keyof O]?: O[N] extends { readonly value: string } ? string : true
}

/** Where a command says something: results to `out`, everything else to `err`. */
export interface Terminal {
  out(line: string): void
  err(line: string): void
  /** Stderr is a terminal, so that one line may be written over again. */
  readonly isLive: boolean
  /** Raised by Ctrl-C for a command that looks at it; one that never does is ended by it. */
  readonly signal: AbortSignal
}

/** 0 everything is good, 1 something is not, 2 the command was not understood. */
export type ExitCode = 0 | 1 | 2

export interface Command {
  readonly name: string
  readonly summary: string
  readonly options: Options
  /** Below the options in the help. */
  readonly notes: readonly string[]
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>
}

/** The command line does not say what is to be done. */
export class UsageError extends Error {
  override name = 'UsageError'
}

export function command<O extends Options>(
  shape: Omit<Command, 'run' | 'options' | 'notes'> & {
    readonly options: O
    readonly notes?: readonly string[]
    run(values: Values<O>, terminal: Terminal): Promise<ExitCode>
  },
): Command {
  const { run, notes = [], ...rest } = shape
  return { ...rest, notes, run: (args, terminal) => run(readOptions(shape.options, args), terminal) }
}

/** Throws UsageError, naming the nearest option where one is not known. */
export function readOptions<O extends Options>(options: O, args: readonly string[]): Values<O> {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(options).map(([name, { value }]) => [
        name,
        { type: value === undefined ? 'boolean' : 'string' } as const,
      ]),
    ),
    strict: false,
    tokens: true,
  })
  const values: Record<string, string | true> = {}
  for (const token of tokens) {
    if (token.kind === 'positional') throw new UsageError(`"${token.value}" is not expected here`)
    if (token.kind !== 'option') continue
    const option = options[token.name]
    if (!option) throw new UsageError(unknown(token.rawName, Object.keys(options)))
    if (option.value === undefined && token.value !== undefined)
      throw new UsageError(`--${token.name} takes no value`)
    if (option.value !== undefined && (token.value ?? '') === '')
      throw new UsageError(`--${token.name}: ${option.value} is expected behind it`)
    if (token.name in values) throw new UsageError(`--${token.name} is given twice`)
    values[token.name] = token.value ?? true
  }
  return values as Values<O>
}

function unknown(given: string, names: readonly string[]): string {
  const nearest = nearestWord(given.replace(/^-+/, ''), names)
  return `there is no option ${given}${nearest === undefined ? '' : `; did you mean --${nearest}?`}`
}

/** What `nexo NAME --help` prints. */
export function helpOf({ name, summary, options, notes }: Command): string[] {
  const rows = Object.entries(options).map(([option, { value, prose }]) => ({
    left: `--${option}${value === undefined ? '' : ` ${value}`}`,
    prose,
  }))
  const width = Math.max(...rows.map(({ left }) => left.length))
  return [
    `nexo ${name} – ${summary}`,
    '',
    ...rows.map(({ left, prose }) => `  ${left.padEnd(width)}  ${prose}`),
    ...(notes.length > 0 ? ['', ...notes] : []),
    '',
    exitCodes,
  ]
}

export const exitCodes =
  'exit code: 0 all is good, 1 something failed or differs, 2 the command was not understood'
