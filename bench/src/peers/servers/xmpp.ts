import { readMam } from '../archives/mam.ts'
import type { Daemon } from './daemon.ts'
import { openDatabase, type PeerDatabase } from './database.ts'
import type { PeerServer, Seat } from './server.ts'

export const password = 'bench-only-password'
export const domain = 'localhost'

/** A server that speaks XMPP and is started. */
export interface XmppServer {
  readonly daemon: Daemon
  readonly port: number
  readonly version: string
  /** What else differs from how it is shipped. */
  readonly setting: string
}

/** Runs a server with its archive in the common database, which goes with it, or at once when it does not start. */
export async function withArchive(
  seat: Seat,
  name: string,
  start: (database: PeerDatabase) => Promise<XmppServer>,
): Promise<PeerServer> {
  const database = await openDatabase(seat, name)
  try {
    const { daemon, port, version, setting } = await start(database)
    const speech = { kind: 'xmpp', host: '127.0.0.1', port, domain, password, text: seat.text } as const
    return {
      version,
      durability: database.durability,
      setting: `${database.setting}; ${setting}`,
      pid: daemon.pid,
      speech,
      readBack: (sent) => readMam(speech, seat.clients, sent),
      stop: async () => {
        await daemon.stop()
        await database.drop()
      },
    }
  } catch (error) {
    await database.drop()
    throw error
  }
}
