import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../../engines/program.ts'
import { xmppName } from '../dialects/xmpp.ts'
import { debianVersion } from '../packages.ts'
import { freePort, startDaemon } from './daemon.ts'
import type { PeerDatabase } from './database.ts'
import type { Seat, StartPeer } from './server.ts'
import { domain, password, withArchive } from './xmpp.ts'

const schema = '/usr/share/ejabberd/sql/mysql.sql'
/** JSON is YAML too. */
function configuration(port: number, database: PeerDatabase): string {
  return JSON.stringify(
    {
      hosts: [domain],
      loglevel: 'warning',
      listen: [
        {
          port,
          ip: '127.0.0.1',
          module: 'ejabberd_c2s',
          backlog: 1024,
          max_stanza_size: 262_144,
          shaper: 'none',
          access: 'all',
        },
      ],
      auth_method: ['sql'],
      auth_password_format: 'plain',
      // A salted hash per login would only make the start of a run longer.
      disable_sasl_mechanisms: ['digest-md5', 'X-OAUTH2', ...['1', '256', '512'].flatMap(scramOf)],
      sql_type: 'mysql',
      sql_server: database.host,
      sql_port: database.port,
      sql_database: database.name,
      sql_username: database.user,
      sql_password: database.password,
      modules: { mod_stream_mgmt: {}, mod_mam: { db_type: 'sql', default: 'always' } },
    },
    undefined,
    2,
  )
}

function scramOf(bits: string): string[] {
  return [`SCRAM-SHA-${bits}`, `SCRAM-SHA-${bits}-PLUS`]
}

async function fill(database: PeerDatabase, clients: number): Promise<void> {
  const tables = (await readFile(schema, 'utf8')).replaceAll(/^--.*$/gm, '').split(/;\s*$/m)
  await database.query(async (connection) => {
    for (const sql of tables) if (sql.trim() !== '') await connection.query(sql)
    await connection.query('DROP INDEX i_text ON archive')
    const rows = Array.from({ length: clients }, (_, i) => [xmppName(i), password])
    await connection.query('INSERT INTO users (username, password) VALUES ?', [rows])
  })
}

/**
 * ejabberd with its archive in the common database, by `erl` itself: Debian's `ejabberdctl` changes the user, wants its
 * own configuration and starts a port mapper for everybody on the machine.
 */
export const startEjabberd: StartPeer = async (seat: Seat) => {
  const erl = findProgram('erl')
  if (erl === undefined) throw new Error('there is no erl')
  return withArchive(seat, 'ejabberd', async (database) => {
    await fill(database, seat.clients)
    const port = await freePort()
    const file = join(seat.folder, 'ejabberd.yml')
    await writeFile(file, configuration(port, database), { mode: 0o600 })
    const daemon = await startDaemon({
      title: 'ejabberd',
      program: erl,
      args: [
        '+K',
        'true',
        '+P',
        '250000',
        '-mnesia',
        'dir',
        `"${seat.folder}"`,
        '-s',
        'ejabberd',
        '-noinput',
      ],
      folder: seat.folder,
      port,
      environment: {
        EJABBERD_CONFIG_PATH: file,
        EJABBERD_LOG_PATH: join(seat.folder, 'ejabberd.log'),
        // Where Debian's libraries for Erlang lie, ejabberd among them.
        ERL_LIBS: librariesFolder(),
        ERL_CRASH_DUMP_BYTES: '0',
        HOME: seat.folder,
      },
    })
    return {
      daemon,
      port,
      version: `ejabberd ${debianVersion('ejabberd')}`,
      setting: 'without its full-text index, as we have none; password hashes off',
    }
  })
}

function librariesFolder(): string {
  const architecture = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch
  return `/usr/lib/${architecture}-linux-gnu`
}
