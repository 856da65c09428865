import type { ChatMessage } from '@nexo-im/client'

/** Where on the screen something was asked for, and what had the focus then. */
export interface Spot {
  readonly message: ChatMessage
  readonly x: number
  readonly y: number
  readonly from: HTMLElement | undefined
  /** Asked for with a key: the first choice gets the focus. */
  readonly byKey: boolean
}
