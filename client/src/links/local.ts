import type { LinkEnd } from '@nexo-im/protocol'
import type { LinkDoor } from './link.ts'

/**
 * A server in the same process. `dial` is asked once per attempt for a fresh end of a `linkPair` whose other end
 * the server holds; it may throw when the server is down, and closes the link with 4401 for a dead token.
 */
export function localLink(dial: (token: string) => LinkEnd): LinkDoor {
  return {
    name: 'local',
    maxFrame: Number.POSITIVE_INFINITY,
    open: (target, listener) => {
      let end: LinkEnd | undefined
      let closed: { code: number; reason: string } | undefined
      try {
        end = dial(target.token)
      } catch (thrown) {
        closed = { code: 1013, reason: String(thrown) }
      }
      queueMicrotask(() => {
        if (end === undefined || closed !== undefined) {
          listener.closed(closed?.code ?? 1013, closed?.reason ?? '')
          return
        }
        listener.opened()
        end.open(listener)
      })
      return {
        send: (frame) => end?.send(frame),
        close: (code, reason = '') => {
          closed ??= { code, reason }
          end?.close(code, reason)
        },
        buffered: 0,
      }
    },
  }
}
