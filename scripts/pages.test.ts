import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compare, type Fields, frames, kill, sendClosed, sendOpen, stamped } from './pages/lines.ts'
import { printPages } from './pages/print.ts'
import { readResults, sortResults } from './pages/results.ts'
import { parts } from './pages/scoreboard.ts'

const root = join(import.meta.dirname, '..')

function printed(...lines: readonly (Fields | string)[]): Map<string, string> {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  return printPages(sortResults([{ place: 'x.jsonl', line: text }]))
}

const benchmarks = (...lines: readonly (Fields | string)[]): string =>
  printed(...lines).get('docs/benchmarks.md') ?? ''
const reliability = (...lines: readonly (Fields | string)[]): string =>
  printed(...lines).get('docs/reliability.md') ?? ''

/** The rows of the page's tables that begin with these cells. */
const rowsOf = (page: string, ...cells: readonly string[]): string[] =>
  page.split('\n').filter((line) => line.startsWith(`| ${cells.join(' | ')}`))

describe('the pages in docs', () => {
  const pages = printPages(readResults(join(root, 'bench/results')))

  it.each([...pages.keys()])('%s is what npm run pages prints from bench/results', (file) => {
    const page = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : ''
    expect(page === pages.get(file), `${file} is stale or was typed into: npm run pages`).toBe(true)
  })

  it('have no plot that is not printed', () => {
    const folder = join(root, 'docs/plots')
    const plots = existsSync(folder) ? readdirSync(folder) : []
    expect(plots.filter((name) => !pages.has(`docs/plots/${name}`))).toEqual([])
  })

  it('name suites that there are', () => {
    const suites = parts.flatMap(({ scores }) => scores.flatMap((score) => score.suites ?? []))
    expect(suites.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })
})

describe('what was never measured', () => {
  it('has its row among the scenarios P1 to P16', () => {
    for (let i = 1; i <= 16; i++)
      expect(rowsOf(benchmarks(), `P${i}`).join('\n')).toContain('**not measured**')
  })

  it('has its row on the scoreboard R1 to R34', () => {
    for (let i = 1; i <= 34; i++)
      expect(rowsOf(reliability(), `R${i}`).join('\n')).toMatch(/\*\*not measured\*\*|tests, no figure/)
  })

  it('is never said of what each npm test proves', () => {
    for (const id of ['R20', 'R21', 'R22', 'R28', 'R31', 'R32', 'R33', 'R34'])
      expect(rowsOf(reliability(), id).join('\n')).toContain('tests, no figure')
  })

  it('is overload, until a line of the bench is about it', () => {
    expect(rowsOf(reliability(), 'R5').join()).toContain('**not measured**')
    const line = sendClosed(9000, {
      id: 'R5',
      scenario: 'overload',
      inFlight: null,
      offeredPerSecond: 27_000,
    })
    const [row] = rowsOf(reliability(line), 'R5')
    expect(row).not.toContain('**not measured**')
    expect(row).toContain('`npm run bench -- overload --store sqlite --clients 200 --seconds 10`')
  })

  it('is a partition, though a node was killed: each has its row', () => {
    const options = { fault: 'nodes', store: 'mysql', clients: 50, seed: 7 }
    const rows = rowsOf(reliability(kill('pass', 10, { id: 'R12', options })), 'R12')
    expect(rows).toHaveLength(2)
    expect(rows[0]).toContain('**not measured**')
    expect(rows[1]).toContain('three nodes')
    expect(rows[1]).not.toContain('**not measured**')
  })

  it('is a target that was not measured', () => {
    expect(benchmarks()).toMatch(/acks\/s with 4 in flight, MariaDB: ≥ 20,000\/s \| – \| \*\*not measured/)
  })
})

describe('a figure', () => {
  const target = (page: string): string => rowsOf(page, 'P1', 'acks/s with 4 in flight, SQLite')[0] ?? ''

  it.each([
    [20_000, '| met |'],
    [19_999, '| **not met** |'],
  ])('of %d acks/s stands beside the target of 20,000', (acks, words) => {
    expect(target(benchmarks(sendClosed(acks)))).toContain(`${acks.toLocaleString('en')}/s ${words}`)
  })

  it('carries letter, commit, date, machine and command', () => {
    expect(target(benchmarks(sendClosed(20_000)))).toContain(
      'D2, aaaaaaa, 2026-01-01, machine A, load 0.5 | `npm run bench -- send-closed --store sqlite --in-flight 4 --clients 200 --seconds 10`',
    )
  })

  it('is the command that its line names, where it names one', () => {
    expect(target(benchmarks(sendClosed(20_000, { command: 'npm run bench -- mine' })))).toContain(
      '`npm run bench -- mine`',
    )
  })

  it('is the median of the runs at one commit, never the best', () => {
    const page = benchmarks(sendClosed(30_000), sendClosed(10_000), sendClosed(15_000), sendClosed(12_000))
    expect(target(page)).toContain('12,000/s (10,000 – 30,000) | **not met**')
  })

  it('of an earlier commit gives way, and is counted', () => {
    const page = benchmarks(
      sendClosed(12_345, stamped('bbbbbbb', 3)),
      sendClosed(54_321, stamped('aaaaaaa', 2)),
    )
    expect(page).toContain('12,345')
    expect(page).not.toContain('54,321')
    expect(page).toContain('Lines of earlier commits about the same thing: 1, not shown.')
  })

  it('of a store that a power cut harms meets no target', () => {
    expect(target(benchmarks(sendClosed(50_000, { durability: 'D1' })))).toContain('**not measured**')
  })
})

describe('a run', () => {
  it('that failed has no speed, even where others passed', () => {
    const page = benchmarks(
      sendClosed(23_456),
      sendClosed(34_567, { verdict: 'FAIL', reasons: ['1 acked messages are missing from the history'] }),
    )
    expect(page).not.toMatch(/23,456|34,567/)
    expect(page).toContain('1 acked messages are missing from the history')
    expect(rowsOf(page, 'P1', 'send-closed')[0]).toContain('**FAIL**')
  })

  it('that was void does not count, and is counted', () => {
    const page = benchmarks(sendClosed(23_456), sendClosed(99_999, { verdict: 'VOID', reasons: ['late'] }))
    expect(page).not.toContain('99,999')
    expect(page).toContain('**PASS** (1 more void)')
  })

  it('beside a peer shows the ratio against its target', () => {
    const page = benchmarks(compare('ejabberd', 6.5))
    expect(rowsOf(page, 'P1', 'acks/s against ejabberd')[0]).toContain('| 6.5 × (6.5 – 6.5) | met |')
  })

  it('beside a peer with another letter meets no target', () => {
    const spread = { median: 9, min: 9, max: 9, of: 3 }
    const comparisons = [
      { who: 'ejabberd', ratios: [9], spread, letters: 'letters differ: ours D2, theirs D1' },
    ]
    const page = benchmarks(compare('ejabberd', 9, { comparisons }))
    expect(rowsOf(page, 'P1', 'acks/s against ejabberd')[0]).toContain('**not measured**')
    expect(page).toContain('letters differ: ours D2, theirs D1')
  })
})

describe('a fault', () => {
  it.each([
    [kill('pass', 20), '| pass ×20 of 20 |'],
    [kill('pass', 3), '| pass ×3 of 20, **too few** |'],
    [kill('fail', 20), '| **FAIL** ×20 of 20 |'],
    [kill('not run', 20, { reason: 'mount was refused' }), '| **not run**: mount was refused |'],
  ])('shows how it went: %#', (line, words) => {
    expect(rowsOf(reliability(line), 'R6')[0]).toContain(words)
  })

  it('that failed once at a commit has failed', () => {
    expect(rowsOf(reliability(kill('fail', 20), kill('pass', 200)), 'R6')[0]).toContain('**FAIL**')
  })
})

describe('a round of fuzzing', () => {
  it.each([
    [frames('pass', 200_000), '| pass ×200,000 of 200,000 |'],
    [frames('pass', 5000), '| pass ×5,000 of 200,000, **too few** |'],
    [frames('fail', 200_000), '| **FAIL** ×200,000 of 200,000 |'],
  ])('shows how it went: %#', (line, words) => {
    expect(rowsOf(reliability(line), 'R24')[0]).toContain(words)
  })

  it('shows what it counted, its memory, its cases and its seed', () => {
    const page = reliability(frames('pass', 200_000))
    expect(rowsOf(page, 'R24')[0]).toMatch(
      /rssBefore 64 MiB<br>rssAfter 128 MiB.*npm run fuzz -- frames --seed 7/,
    )
    expect(page).toContain('| 1 | 12 | 12 | whole \\| frames |')
  })
})

describe('a planted bug that survives', () => {
  it('is named', () => {
    const page = reliability(
      { id: 'M1', what: 'ack before commit', outcome: 'caught', by: 'a.test.ts: turns red' },
      { id: 'M2', what: 'no fsync', outcome: 'survived', by: '' },
    )
    expect(page).toContain('2 bugs planted one at a time, 1 of them caught')
    expect(rowsOf(page, 'M2')[0]).toContain('**survived**')
  })
})

describe('a line that no table can show', () => {
  it.each(['{"id":"P1","hello":1}', '{"cut off'])('is listed with its place: %s', (line) => {
    for (const page of [benchmarks('', line), reliability('', line)])
      expect(page).toContain(`- x.jsonl:2: \`${line}\``)
  })

  it('about an unknown row of the scoreboard is shown beside it', () => {
    expect(reliability(kill('pass', 1, { id: 'R99' }))).toMatch(
      /## Beside the scoreboard[\s\S]*\| R99 \| pass/,
    )
  })
})

describe('a plot', () => {
  const pages = printed(sendOpen(1000, 8), sendOpen(5000, 12))

  it('tells all its points in words as well', () => {
    const words = 'sqlite, p99: 8 at 1,000, 12 at 5,000.'
    expect(pages.get('docs/plots/latency-by-rate.svg')).toContain(words)
    expect(pages.get('docs/benchmarks.md')).toMatch(
      /!\[Delivery latency against rate.*p99: 8 at 1,000, 12 at 5,000\.\]\(plots\/latency-by-rate\.svg\)/,
    )
  })

  it('is readable in light and dark, and names both axes with their units', () => {
    const svg = pages.get('docs/plots/latency-by-rate.svg') ?? ''
    expect(svg).toContain('prefers-color-scheme: dark')
    expect(svg).toMatch(/>messages a second<[\s\S]*>delivery, ms</)
  })

  it('is not drawn of nothing: the page says what to measure', () => {
    expect([...printed().keys()]).toEqual(['docs/benchmarks.md', 'docs/reliability.md'])
    expect(benchmarks()).toContain('Not drawn: `npm run bench -- send-open`')
  })
})
