import type { ServerRow } from './connection.ts'
import { isLost } from './failures.ts'
import type { RowsOf } from './reads.ts'
import { inRuns, type RunRules } from './runs.ts'

interface Question {
  readonly text: string
  readonly resolve: (rows: ServerRow[]) => void
  readonly reject: (error: unknown) => void
}

/** Of one query; a large one holds up those behind it. */
export interface QuestionRules extends RunRules {
  /** Runs once what is asked together has been asked. */
  readonly soon: (run: () => void) => void
}

/**
 * Gathers what is asked in one turn into few queries: each is a way to the server and back, and costs this process more
 * than most answers do.
 */
export function createQuestions(run: (query: string) => Promise<unknown>, rules: QuestionRules): RowsOf {
  let questions: Question[] = []

  function askAll(): void {
    const asked = questions
    questions = []
    for (const group of inRuns(asked, (q) => q.text.length, rules)) void askGroup(group)
  }

  async function askGroup(group: readonly Question[]): Promise<void> {
    try {
      const answer = await run(group.map((q) => q.text).join(';\n'))
      // One statement answers with its rows, several with an array of them.
      const results = group.length === 1 ? [answer as ServerRow[]] : (answer as ServerRow[][])
      for (const [i, { resolve }] of group.entries()) resolve(results[i] ?? [])
    } catch (error) {
      if (group.length === 1 || isLost(error)) for (const { reject } of group) reject(error)
      // One of them was wrong: nobody else pays for it.
      else for (const question of group) void askGroup([question])
    }
  }

  const ask = (text: string): Promise<ServerRow[]> =>
    new Promise((resolve, reject) => {
      if (questions.length === 0) rules.soon(askAll)
      questions.push({ text, resolve, reject })
    })
  return async (texts) => {
    const [only] = texts
    if (texts.length === 1 && only !== undefined) return ask(only)
    return (await Promise.all(texts.map(ask))).flat()
  }
}
