import { atLeast, type Figure } from '../figures.ts'
import type { Options } from '../options.ts'
import { type Row, rounded } from '../report.ts'
import { fanout } from './fanout.ts'
import { sendClosed } from './send-closed.ts'
import { sendsLimit, withStage } from './stage.ts'

const rounds = 3

const kinds = [
  { name: 'send-closed', play: sendClosed, rateOf: (row: Row) => row.acksPerSecond },
  { name: 'fanout', play: fanout, rateOf: (row: Row) => row.deliveriesPerSecond },
] as const

/**
 * P16: pairs, and the members of a group, spread over two nodes on one store; against one node on the same store, by turns.
 * One line each for the last round over two nodes, with the ratios of all.
 */
export async function twoNode(options: Options): Promise<Row[]> {
  const lines: Row[] = []
  for (const kind of kinds) {
    const ratios: number[] = []
    const wrong: string[] = []
    let last: Row | undefined
    for (let round = 0; round < rounds; round++) {
      const one = await over(1, { ...options, bus: undefined }, kind)
      const two = await over(2, { ...options, bus: options.bus ?? 'redis' }, kind)
      ratios.push((kind.rateOf(two) ?? Number.NaN) / (kind.rateOf(one) ?? Number.NaN))
      for (const row of [one, two])
        if (row.verdict === 'FAIL')
          wrong.push(`${row.nodes} nodes, round ${round + 1}: ${row.reasons.join(', ')}`)
      last = two
    }
    if (last !== undefined) lines.push(lineOf(last, kind.name, ratios, wrong))
  }
  return lines
}

function over(nodes: number, options: Options, { name, play }: (typeof kinds)[number]): Promise<Row> {
  process.stderr.write(`  ${name}, ${nodes} node${nodes === 1 ? '' : 's'}\n`)
  return withStage({ options: { ...options, ceilings: false }, limits: [sendsLimit], nodes }, play)
}

function lineOf(row: Row, name: string, ratios: readonly number[], wrong: readonly string[]): Row {
  return {
    ...row,
    id: 'P16',
    scenario: `two-node ${name}`,
    verdict: wrong.length > 0 ? 'FAIL' : row.verdict,
    reasons: wrong,
    figures: ratioFigures(ratios),
    notes: [`${ratios.length} rounds, one node and two by turns`],
  }
}

/** Median, least and greatest of the rounds. */
export function ratioFigures(ratios: readonly number[]): Figure[] {
  const sorted = ratios.toSorted((a, b) => a - b)
  const figure = (name: string, value: number | undefined): Figure =>
    atLeast(`ratio to one node, ${name}`, rounded(value, 2), ' ×')
  return [
    figure('median', sorted[Math.floor(sorted.length / 2)]),
    figure('least', sorted.at(0)),
    figure('greatest', sorted.at(-1)),
  ]
}
