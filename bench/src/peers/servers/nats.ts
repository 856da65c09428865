import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../../engines/program.ts'
import { createStream, readStream } from '../archives/jetstream.ts'
import { debianVersion } from '../packages.ts'
import { freePort, startDaemon } from './daemon.ts'
import type { PeerServer, Seat, StartPeer } from './server.ts'

async function start(seat: Seat, to: 'pairs' | 'room'): Promise<PeerServer> {
  const program = findProgram('nats-server')
  if (program === undefined) throw new Error('there is no nats-server')
  const port = await freePort()
  const account = { user: 'bench', password: randomBytes(12).toString('hex') }
  const file = join(seat.folder, 'nats.conf')
  const settings = [
    `listen: "127.0.0.1:${port}"`,
    `authorization { user: "${account.user}", password: "${account.password}" }`,
    ...(to === 'pairs' ? [`jetstream { store_dir: "${seat.folder}" }`] : []),
  ]
  await writeFile(file, `${settings.join('\n')}\n`, { mode: 0o600 })
  const daemon = await startDaemon({ title: 'NATS', program, args: ['-c', file], folder: seat.folder, port })
  try {
    const speech = { kind: 'nats', host: '127.0.0.1', port, ...account, to, text: seat.text } as const
    if (to === 'pairs') await createStream(speech)
    return {
      version: `NATS ${debianVersion('nats-server')}`,
      durability: to === 'pairs' ? 'D1' : 'D0',
      setting: to === 'pairs' ? 'JetStream file stream, synced every two minutes' : 'core pub/sub, in memory',
      pid: daemon.pid,
      speech,
      readBack: to === 'pairs' ? (sent) => readStream(speech, sent) : undefined,
      stop: daemon.stop,
    }
  } catch (error) {
    await daemon.stop()
    throw error
  }
}

export const startJetStream: StartPeer = (seat) => start(seat, 'pairs')
export const startNatsRoom: StartPeer = (seat) => start(seat, 'room')
