import type { Entry } from '../core/ports.ts'
import type { Told } from '../testing/domain/device.ts'

/** A message as its sender tells it. */
export interface Sent {
  readonly sender: string
  readonly id: string
  readonly conversation: string
  readonly text: string
  /** When its first attempt began; times are numbers of a common count. */
  readonly invoked: number
  /** Every answer that said it is kept, and when. */
  readonly acks: { readonly at: number; readonly entry: Entry }[]
  /** An attempt ended so that it may be kept or not. */
  isDoubtful: boolean
  isRefused: boolean
}

/** What one connection was told, in order. */
export interface Heard {
  readonly who: string
  readonly node: number
  readonly told: Told[]
  /** Still there at the end. */
  isOpen: boolean
}

/** What clients noted in one run. */
export interface History {
  now(): number
  readonly sent: Sent[]
  readonly heard: Heard[]
  readonly pulled: { readonly who: string; readonly entries: readonly Entry[] }[]
  /** Rejections nobody waited for, and errors that are none of the contract. */
  readonly strange: string[]
}

export function newHistory(): History {
  let count = 0
  return {
    now: () => {
      count += 1
      return count
    },
    sent: [],
    heard: [],
    pulled: [],
    strange: [],
  }
}
