import { ended, generate, nextMessage, startChild } from '../child.ts'
import type { LoadPlan, LoadResult } from '../load/plan.ts'
import type { Stage } from './stage.ts'

/** Seconds of a ceiling run: its figures settle sooner than a server with a disk behind it. */
const ceilingSeconds = 5

/** Plays the plan against the bare WebSocket library instead of the server. */
async function measureCeiling(kind: 'echo' | 'broadcast', plan: LoadPlan): Promise<LoadResult> {
  const child = startChild(new URL('../ceiling.ts', import.meta.url), [kind])
  try {
    const { port } = await nextMessage<{ port: number }>(child)
    const seconds = Math.min(plan.seconds, ceilingSeconds)
    const { storePid: _, ...rest } = plan
    const clients = plan.clients.map(({ port: __, ...client }) => client)
    const serverPids = [child.pid as number]
    return await generate({
      ...rest,
      clients,
      conversations: [],
      peer: kind,
      port,
      seconds,
      serverPids,
    } as LoadPlan)
  } finally {
    child.kill()
    await ended(child)
  }
}

/** The same, when ceilings are asked for; says `what` it does. */
export async function ceilingOf(
  stage: Stage,
  kind: 'echo' | 'broadcast',
  plan: LoadPlan,
  what: string,
): Promise<LoadResult | undefined> {
  if (!stage.options.ceilings) return undefined
  stage.say(`${what} on a bare ws ${kind} server`)
  return measureCeiling(kind, plan)
}
