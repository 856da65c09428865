import { distanceOf } from './figures.ts'
import type { Stamped } from './report.ts'

/** More than this of the machine used by others, and a slow run says nothing of us. */
const othersLimit = 0.1

export interface Floors {
  /** Figures that are not at two fifths of their goals, in words. */
  readonly below: readonly string[]
  /** Why they do not count. */
  readonly excuse: string | undefined
}

/** @param others share of the machine that others used meanwhile, 0…1; undefined = nobody knows */
export function judgeFloors(
  rows: readonly Pick<Stamped, 'verdict' | 'figures'>[],
  others: number | undefined,
): Floors {
  const isVoid = rows.some(({ verdict }) => verdict === 'VOID')
  const isShared = others !== undefined && others > othersLimit
  const taken = `others used ${((others ?? 0) * 100).toFixed(0)} % of the machine`
  return {
    below: rows.flatMap(({ figures }) => distanceOf(figures).belowFloor),
    excuse: isVoid ? 'the run is void' : isShared ? taken : undefined,
  }
}
