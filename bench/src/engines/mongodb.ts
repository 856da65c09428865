import { MongoClient } from 'mongodb'
import type { Engine } from './engine.ts'

async function withMongodb<T>(url: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 2000, connectTimeoutMS: 2000 })
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

export const mongodbEngine: Engine = {
  service: 'mongodb',
  variable: 'MONGODB_URL',
  ping: (url) =>
    withMongodb(url, async (client) => {
      await client.db('admin').command({ ping: 1 })
    }),
  promises: (url) =>
    withMongodb(url, async (client) => {
      const info = await client.db('admin').command({ buildInfo: 1 })
      const ferret = info['ferretdbVersion'] as string | undefined
      // FerretDB says nothing of what its SQLite syncs, so no more is claimed than that the system has it.
      if (ferret !== undefined)
        return {
          version: `FerretDB (MongoDB ${info['version']} to clients)`,
          durability: 'D1',
          setting: 'no journal',
        }
      return { version: `MongoDB ${info['version']}`, durability: 'D2', setting: 'journal' }
    }),
  fresh: async (url, name) => {
    const [, server, query = ''] = /^([a-z+]+:\/\/[^/?]+)[^?]*(\?.*)?$/.exec(url) ?? []
    return `${server}/${name}${query}`
  },
  drop: (url) =>
    withMongodb(url, async (client) => {
      await client.db().dropDatabase()
    }),
}
