import type { LoadPlan } from './load/plan.ts'
import { runLoad } from './load/run.ts'

// A process of its own, started by `child.ts`: one plan comes in, one result goes out. Between them it says when all is
// connected and is told when to begin, in Unix ms.
async function play(plan: LoadPlan): Promise<void> {
  const begin = (): Promise<number> =>
    new Promise((resolve) => {
      process.once('message', resolve)
      process.send?.('ready')
    })
  const result = await runLoad(plan, begin)
  process.send?.(result, undefined, undefined, () => process.disconnect())
}

// A failure is left to end the process: the parent sees that no result came.
process.once('message', (plan: LoadPlan) => void play(plan))
process.on('disconnect', () => process.exit())
