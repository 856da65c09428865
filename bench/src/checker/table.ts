import type { Judgement } from './judge.ts'

/** The judgement as lines for people. */
export function table({ pass, rulings, figures }: Judgement): string {
  const lines = rulings.flatMap(({ id, says, cases, violations, examples }) => [
    `${id.padEnd(4)} ${(violations === 0 ? 'ok' : `${violations} VIOLATED`).padEnd(14)} ${String(cases).padStart(8)} cases  ${says}`,
    ...examples.map((text) => `       ${text}`),
  ])
  const counts = Object.entries(figures).map(([name, value]) => `${name} ${value}`)
  return [...lines, counts.join(' · '), pass ? 'PASS' : 'FAIL'].join('\n')
}
