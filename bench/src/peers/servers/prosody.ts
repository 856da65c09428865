import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../../engines/program.ts'
import { xmppName } from '../dialects/xmpp.ts'
import { debianVersion } from '../packages.ts'
import { freePort, startDaemon } from './daemon.ts'
import type { PeerDatabase } from './database.ts'
import type { Seat, StartPeer } from './server.ts'
import { domain, password, withArchive } from './xmpp.ts'

/** The strings are all ours and hold nothing that Lua would read otherwise. */
function configuration(folder: string, port: number, database: PeerDatabase): string {
  const quoted = (text: string): string => JSON.stringify(text)
  return `
run_as_root = true
pidfile = ${quoted(join(folder, 'prosody.pid'))}
data_path = ${quoted(folder)}
log = { warn = ${quoted(join(folder, 'prosody.log'))} }
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
modules_enabled = { "disco", "roster", "saslauth", "smacks", "mam" }
modules_disabled = { "s2s", "tls" }
authentication = "internal_plain"
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
network_backend = "event"
storage = { archive = "sql" }
sql = {
  driver = "MySQL", host = ${quoted(database.host)}, port = ${database.port}, database = ${quoted(database.name)},
  username = ${quoted(database.user)}, password = ${quoted(database.password)},
}
default_archive_policy = true
archive_expires_after = "never"
max_archive_query_results = 250
VirtualHost "${domain}"
`
}

/** Its internal storage is a file per account. */
async function addAccounts(folder: string, clients: number): Promise<void> {
  const accounts = join(folder, domain, 'accounts')
  await mkdir(accounts, { recursive: true })
  for (let i = 0; i < clients; i++)
    await writeFile(join(accounts, `${xmppName(i)}.dat`), `return { ["password"] = "${password}"; };\n`)
}

/** Prosody with its archive in the common database and everything else in files. */
export const startProsody: StartPeer = async (seat: Seat) => {
  const program = findProgram('prosody')
  if (program === undefined) throw new Error('there is no prosody')
  return withArchive(seat, 'prosody', async (database) => {
    await addAccounts(seat.folder, seat.clients)
    const port = await freePort()
    await mkdir(join(seat.folder, 'certs'))
    const file = join(seat.folder, 'prosody.cfg.lua')
    await writeFile(file, configuration(seat.folder, port, database), { mode: 0o600 })
    const daemon = await startDaemon({
      title: 'Prosody',
      program,
      args: ['-F', '--config', file],
      folder: seat.folder,
      port,
    })
    return {
      daemon,
      port,
      version: `Prosody ${debianVersion('prosody')}`,
      setting: 'pages of 250 instead of 50',
    }
  })
}
