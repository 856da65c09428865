import type { Input, OperationName, Output } from '@nexo-im/protocol'
import type { Proof } from './policy.ts'
import type { WithEntries } from './ports.ts'
import type { Caller, World } from './world.ts'

/** An answer as the domain gives it: messages are still as stored, each door shows them in its own view. */
export type Result<N extends OperationName> = WithEntries<Output<N>>
export type Handler<N extends OperationName> = (
  world: World,
  caller: Caller,
  input: Input<N>,
  proof: Proof<N>,
) => Result<N> | Promise<Result<N>>

export type Handlers = { readonly [N in OperationName]: Handler<N> }
