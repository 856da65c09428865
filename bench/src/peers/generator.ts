import type { PeerPlan } from './load/plan.ts'
import { playPeer } from './load/play.ts'

// A process of its own, as the generator for our own server is: one plan comes in, one result goes out.
async function play(plan: PeerPlan): Promise<void> {
  const result = await playPeer(plan)
  process.send?.(result, undefined, undefined, () => process.disconnect())
}

// A failure is left to end the process: the parent sees that no result came.
process.once('message', (plan: PeerPlan) => void play(plan))
process.on('disconnect', () => process.exit())
