import { ImError } from '@nexo-im/protocol'
import { shortMoment } from './dates.ts'
import { en, type TextKey } from './i18n/en.ts'
import type { Text } from './i18n/index.ts'

/** What went wrong, in the reader's words. Never shows the text of an unknown error. */
export function explain(failure: unknown, text: Text): string {
  if (failure instanceof ImError) {
    const timed = `error.${failure.kind}.until`
    if (failure.until !== undefined && isText(timed)) {
      return text(timed, { time: shortMoment(failure.until, text) })
    }
    return text(`error.${failure.kind}`)
  }
  if (failure instanceof DOMException && failure.name === 'TimeoutError') return text('error.timeout')
  // `fetch` says so when no answer came at all.
  if (failure instanceof TypeError) return text('error.network')
  return text('error.internal')
}

function isText(key: string): key is TextKey {
  return key in en
}

/** Whether the server has said that this session is over, as opposed to not having been reached. */
export function endsSession(failure: unknown): boolean {
  return failure instanceof ImError && failure.row.http === 401
}

export function isKind(failure: unknown, kind: ImError['kind']): boolean {
  return failure instanceof ImError && failure.kind === kind
}
