import { groupsOf } from './groups.ts'
import { code, number, plural, table } from './markdown.ts'
import type { MutantLine, Results } from './results.ts'
import type { Stamp } from './stamp.ts'

/** Which test caught which planted bug: a check that nothing turns red proves nothing. */
export function mutantsPart({ mutants }: Results): string {
  if (mutants.length === 0)
    return `Not measured: ${code('npm run mutants -- --out bench/results/mutants.jsonl')}`
  const last = groupsOf(mutants, ({ id }) => id, stampOf).map(({ lines }) => lines.at(-1) as MutantLine)
  const caught = last.filter(({ verdict }) => isCaught(verdict))
  const stamps = [
    ...new Set(
      last
        .map(stampOf)
        .map(({ commit, date }) => `${commit ?? 'no commit'}, ${date?.slice(0, 10) ?? 'no date'}`),
    ),
  ]
  return [
    `${plural(last.length, 'bug')} planted one at a time, ${number(caught.length)} of them caught; ${stamps.join('; ')}.`,
    table(
      ['', 'planted', '', 'caught by'],
      last.map(({ id, what, verdict, by }) => [
        id,
        what,
        isCaught(verdict) ? verdict : `**${verdict}**`,
        by || '–',
      ]),
    ),
  ].join('\n\n')
}

function isCaught(verdict: string): boolean {
  return /^(caught|killed|pass)$/i.test(verdict)
}

function stampOf({ fields }: MutantLine): Stamp {
  const { environment } = fields
  return typeof environment === 'object' && environment !== null ? environment : fields
}
