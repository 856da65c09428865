import { askedOf } from './groups.ts'
import type { ChaosLine, CompareLine, ReportLine, ScenarioLine } from './results.ts'

/** What to type for the same figure again. A line that says it itself is believed; else its fields tell. */
export function benchCommand(line: ScenarioLine): string {
  if (line.command !== undefined) return line.command
  const { scenario, store, nodes, bus } = line
  const options = [
    ...(scenario.startsWith('two-node') ? [] : nodes > 1 ? [`--nodes ${nodes}`] : []),
    ...(bus === null || bus === 'redis' ? [] : [`--bus ${bus}`]),
    ...('calls' in line ? askedOf(line.size).map(([what, count]) => `--${what} ${count}`) : loadOf(line)),
  ]
  return ['npm run bench --', scenario.split(' ')[0], `--store ${store}`, ...options].join(' ')
}

type LoadLine = Exclude<ScenarioLine, { readonly calls: unknown }>

function loadOf({ scenario, inFlight, offeredPerSecond, seconds, clients, codec }: LoadLine): string[] {
  // How many share a run is part of the scenario's own numbers, except where one number says it all.
  const crowd = /^(send-|overload)/.test(scenario)
    ? [`--clients ${clients}`]
    : scenario === 'idle'
      ? [`--sessions ${clients}`]
      : /^fanout(-open|-10k)?$/.test(scenario)
        ? [`--members ${clients}`]
        : []
  return [
    ...(inFlight === null ? [] : [`--in-flight ${inFlight}`]),
    // Overload offers what it found out, not what it was told.
    ...(offeredPerSecond === null || scenario === 'overload' ? [] : [`--rate ${offeredPerSecond}`]),
    ...crowd,
    scenario === 'soak' ? `--minutes ${Math.round(seconds / 60)}` : `--seconds ${Math.round(seconds)}`,
    ...(codec === 'nexo.v1' ? [] : [`--codec ${codec}`]),
  ]
}

export function compareCommand({ command, scenario, peer, seconds, rounds }: CompareLine): string {
  const [id] = scenario.split(' ')
  return (
    command ??
    `npm run bench -- compare --peers ${peer} --scenarios ${id} --seconds ${seconds} --rounds ${rounds.length || 3}`
  )
}

export function chaosCommand({ command, options, times }: ChaosLine): string {
  const { fault, store, clients, seed } = options
  return (
    command ??
    `npm run chaos -- ${fault} --store ${store} --times ${times} --clients ${clients} --seed ${seed}`
  )
}

/** Of lines of other programs: what they say themselves. */
export function reportCommand({ command }: ReportLine): string {
  return command ?? ''
}
