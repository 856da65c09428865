import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ImError } from '@nexo-im/protocol'
import { placeOf } from './explanation.ts'
import type { Ground } from './reading.ts'
import { scripts } from './scripts.ts'

/** How long the pen is reserved, in ms: past that its holder is taken for dead. It loses its turn by it, nothing else. */
const hold = 1000
/** Between two looks at a pen that somebody else holds, in ms. */
const glance = 2

/**
 * Where several nodes write, they take turns: whoever proposes out of turn is usually too late and has to propose again, and
 * a large batch would lose against small ones for ever. It is no lock: the position alone decides what is written. A node
 * that writes alone never touches it.
 */
export interface Pen {
  /** What the script `commit` must know to honour turns. */
  readonly words: readonly [node: string, ms: string]
  /**
   * Waits for this node's turn, where nodes take turns at present.
   * @param deadline Unix ms; throws `unavailable` past it
   */
  wait(deadline: number): Promise<void>
  /** Nothing was written: the pen was reserved for this node because it came too late, or another one has it. */
  refused(why: 'late' | 'held'): void
  /** The batch was written and the pen laid down in the same step. */
  written(): void
  /** Nothing is going to be written. */
  layDown(): void
}

export function createPen(ground: Ground): Pen {
  const node = randomUUID()
  const { keys, address } = ground
  let isCrowded = false
  let isMine = false

  async function take(): Promise<boolean> {
    const known = ground.seen
    const words = [node, String(hold)]
    const [answer, at] = (await ground.run(scripts.take, [keys.pen], words)) as ['taken' | 'held', string]
    isMine = answer === 'taken'
    // Free, and nobody has written since this node did: it is alone again.
    isCrowded = !isMine || ground.saw(Number(at)) !== known
    return isMine
  }

  return {
    words: [node, String(hold)],
    wait: async (deadline) => {
      for (;;) {
        if (Date.now() > deadline) {
          const detail = `${placeOf(address)}: other nodes wrote all the time for ${address.timeout} ms`
          throw new ImError('unavailable', { detail, retryAfter: 1 })
        }
        if (isMine || !isCrowded || (await take())) return
        await sleep(glance)
      }
    },
    refused: (why) => {
      isCrowded = true
      isMine = why === 'late'
    },
    written: () => {
      isMine = false
    },
    layDown: () => {
      if (!isMine) return
      isMine = false
      // It runs out by itself where this fails.
      ground.run(scripts.release, [keys.pen], [node]).catch(() => undefined)
    },
  }
}
