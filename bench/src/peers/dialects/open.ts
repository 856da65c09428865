import type { Dialect, Speech } from './dialect.ts'
import { natsDialect } from './nats.ts'
import { socketIoDialect } from './socketio.ts'
import { xmppDialect } from './xmpp.ts'

export function dialectOf(speech: Speech, shared: Uint8Array): Dialect {
  switch (speech.kind) {
    case 'xmpp':
      return xmppDialect(speech, shared)
    case 'socketio':
      return socketIoDialect(speech, shared)
    case 'nats':
      return natsDialect(speech, shared)
  }
}
