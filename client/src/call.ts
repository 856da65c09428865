import type { FrameOutput, Input, OperationName } from '@nexo-im/protocol'

/** Asks the server in the name of the signed-in user, by whatever way there is. Rejects with ImError. */
export type Call = <N extends OperationName>(name: N, input: Input<N>) => Promise<FrameOutput<N>>
