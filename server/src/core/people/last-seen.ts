import type { Clock, Log } from '../ports.ts'
import type { Writer } from '../writer.ts'

/** Writes down when a user's last device went, beside everything else: nobody waits for it. */
export function noteLastSeen(
  { writer, clock, log }: { readonly writer: Writer; readonly clock: Clock; readonly log: Log },
  userId: string,
): void {
  const row = { user_id: userId, at: clock.now() }
  writer
    .offer({ build: () => ({ put: [{ kind: 'last_seen', row }] }) })
    .catch((error: unknown) => log.error({ err: error }, 'when a user was last seen is not kept'))
}
