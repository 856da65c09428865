import { expiryHandlers } from '../conversations/conversation-expiry.ts'
import { extraHandlers } from '../conversations/extras.ts'
import type { Handlers } from '../handler.ts'
import { deliveryHandlers } from './delivery.ts'
import { editHandlers } from './edits.ts'
import { forwardHandlers } from './forwarding.ts'
import { pinHandlers } from './pins.ts'
import { reactionHandlers } from './reactions.ts'
import { readerHandlers } from './readers.ts'
import { recallHandlers } from './recall.ts'
import { schedulingHandlers } from './scheduling.ts'
import { typingHandlers } from './typing.ts'

/** What can happen to a message beside being sent and read. */
export const amendmentHandlers = {
  ...editHandlers,
  ...recallHandlers,
  ...reactionHandlers,
  ...forwardHandlers,
  ...pinHandlers,
  ...schedulingHandlers,
  ...typingHandlers,
  ...deliveryHandlers,
  ...readerHandlers,
  ...expiryHandlers,
  ...extraHandlers,
} satisfies Partial<Handlers>
