import type Type from 'typebox'
import type { Operation } from './operation.ts'
import { accountOperations } from './operations/accounts.ts'
import { conversationOperations } from './operations/conversations.ts'
import { groupOperations } from './operations/groups.ts'
import { messageOperations } from './operations/messages.ts'
import { relationOperations } from './operations/relations.ts'

/** What anybody may ask of the system: the source of REST, frames, OpenAPI and the client's types. */
export const operations = {
  ...accountOperations,
  ...relationOperations,
  ...groupOperations,
  ...messageOperations,
  ...conversationOperations,
} as const satisfies Record<string, Operation>

export type Operations = typeof operations
export type OperationName = keyof Operations
/** What a caller passes; what an answer holds over HTTP; what it holds over a socket. */
export type Input<N extends OperationName> = Type.Static<Operations[N]['input']>
export type Output<N extends OperationName> = Type.Static<Operations[N]['output']>
export type FrameOutput<N extends OperationName> = Operations[N] extends {
  frameOutput: infer S extends Type.TSchema
}
  ? Type.Static<S>
  : Output<N>

export const operationNames = Object.keys(operations) as OperationName[]

const byFrame = new Map<number, OperationName>()
for (const name of operationNames) {
  const { frame } = operations[name] as Operation
  if (frame !== undefined) byFrame.set(frame, name)
}

export function operationOfFrame(frame: number): OperationName | undefined {
  return byFrame.get(frame)
}
