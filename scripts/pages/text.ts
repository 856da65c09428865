import { code } from './markdown.ts'
import type { Results } from './results.ts'

export function head(title: string, says: string): string {
  return `# ${title}

<!-- Printed by npm run pages from the lines in bench/results. Whatever is typed here is lost, and turns a test red. -->

${says}: printed by \`npm run pages\` from the lines in \`bench/results\`, no figure is typed.`
}

export const letters = `A letter says what an acknowledgement of a run survives: **D0** nothing, **D1** the end of the process (\`kill -9\`), **D2**
a power cut as well, **D3** the loss of a machine. Only equal letters are compared. A commit with a + was measured with
changes that it does not hold.`

const longest = 300

/** Lines that no table above can show; none is dropped. */
export function unknownLines({ unknown }: Results): string[] {
  if (unknown.length === 0) return []
  const rows = unknown.map(({ place, line }) => {
    const shown = line.length > longest ? `${line.slice(0, longest)} …` : line
    return `- ${place}: ${code(shown)}`
  })
  return ['## Lines that this page cannot read', rows.join('\n')]
}
