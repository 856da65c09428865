import { existsSync, readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { MongoClient } from 'mongodb'
import { type OwnServer, startOwnServer } from './own-server.ts'

export interface MongodbServer extends OwnServer {
  url(database: string, query?: string): string
}

/** A `mongod` on the path, else the FerretDB that `npm test` builds; says so when there is neither. */
export function mongodbProgram(): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'mongod'))
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'nexo-im')
  const built = (existsSync(cache) ? readdirSync(cache) : [])
    .filter((name) => name.startsWith('ferretdb-'))
    .map((name) => join(cache, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  const found = [...onPath, ...built].find((file) => existsSync(file))
  if (found === undefined)
    process.stderr.write(
      'mongodb: there is no mongod and no built FerretDB (npm test builds it): tests that kill a server do not run\n',
    )
  return found
}

export async function startMongodbServer(program: string): Promise<MongodbServer> {
  const urlAt = (port: number, database: string, query = ''): string =>
    `mongodb://127.0.0.1:${port}/${database}${query}`
  const server = await startOwnServer({
    name: 'mongodb',
    command: ({ folder, port }) =>
      program.endsWith('mongod')
        ? [program, '--bind_ip', '127.0.0.1', '--port', `${port}`, '--dbpath', folder]
        : [program, `127.0.0.1:${port}`, folder],
    ask: async (port) => {
      const client = new MongoClient(urlAt(port, 'admin', '?serverSelectionTimeoutMS=500'))
      try {
        await client.db('admin').command({ ping: 1 })
      } finally {
        await client.close()
      }
    },
  })
  return { ...server, url: (database, query) => urlAt(server.port, database, query) }
}
