import { asImError } from '@nexo-im/protocol'

/** Whether a failure may pass: frames tell a server that is busy or broken by one and the same code. */
export function mayPass(thrown: unknown): boolean {
  const { kind, row } = asImError(thrown)
  return row.retry || kind === 'internal'
}
