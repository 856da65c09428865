import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { command, type Terminal, UsageError } from './arguments.ts'
import { estimateOf, linesOf } from './bench/estimate.ts'
import { describeMachine } from './bench/machine.ts'
import { type Measured, measure } from './bench/measure.ts'
import { showing } from './showing.ts'

const secondsByDefault = 15
const bounds = [2, 30] as const

export const bench = command({
  name: 'bench',
  summary: 'estimates what this machine holds: people online, messages a second, disk a day',
  options: {
    data: {
      value: 'FOLDER',
      prose: 'folder of the service, whose disk is measured; ./data unless said otherwise',
    },
    seconds: {
      value: 'N',
      prose: `how long there is load, ${bounds.join(' to ')}; ${secondsByDefault} unless said otherwise`,
    },
    json: { prose: 'one JSON object with all figures on stdout' },
  },
  notes: [
    'A server of its own with the embedded store runs in a temporary folder, which is removed; stored data is not touched.',
    'The clients run on this machine too and take their share of it. A service that runs meanwhile is measured along.',
  ],
  async run(values, terminal) {
    const seconds = secondsOf(values.seconds)
    const machine = describeMachine()
    const folder = mkdtempSync(join(existingOf(resolve(values.data ?? 'data')), '.nexo-bench-'))
    const clean = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    // Also when a second Ctrl-C ends the process at once.
    process.on('exit', clean)
    try {
      const measured = await shown(folder, seconds, terminal)
      const estimate = estimateOf(measured, machine.freeBytes)
      if (values.json === true)
        terminal.out(JSON.stringify({ machine, seconds, durability: 'D2', measured, estimate }))
      else for (const line of linesOf(machine, measured, estimate)) terminal.out(line)
      return 0
    } finally {
      clean()
      process.off('exit', clean)
    }
  },
})

function shown(folder: string, seconds: number, terminal: Terminal): Promise<Measured> {
  let line = ''
  const say = (words: string): void => {
    line = words
  }
  return showing(
    terminal,
    () => line,
    () => measure(folder, seconds, { signal: terminal.signal, say }),
  )
}

function secondsOf(text: string | undefined): number {
  const seconds = text === undefined ? secondsByDefault : Number(text)
  const [least, most] = bounds
  if (!(Number.isInteger(seconds) && seconds >= least && seconds <= most))
    throw new UsageError(`--seconds: a whole number from ${least} to ${most} is expected, not "${text}"`)
  return seconds
}

/** The nearest folder that there is: the data folder itself is made by the service. */
function existingOf(folder: string): string {
  return existsSync(folder) ? folder : existingOf(dirname(folder))
}
