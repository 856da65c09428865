import { createHash, randomUUID } from 'node:crypto'
import { logStart } from '../../core/ports.ts'
import { tables } from '../../core/tables.ts'
import type { Connections } from '../redis/connections.ts'
import type { KeyNames } from '../redis/encoding.ts'
import { beginning } from '../redis/scripts.ts'

/** Raised with every numbered step; version 1 is what `redis/encoding.ts` says. */
const schema = 1

/** Records are values in the order of their table: a program that knows another order must not touch them. */
const layout = createHash('sha256')
  .update(JSON.stringify(Object.entries(tables).map(([kind, { fields }]) => [kind, Object.keys(fields)])))
  .digest('base64url')

export interface Beginning {
  /** Whose data these are; a Redis that was emptied and filled again has another one. */
  readonly id: string
  readonly position: number
}

/** Finds the data of a service or begins them; refuses those of another version. */
export async function beginRedis(connections: Connections, keys: KeyNames): Promise<Beginning> {
  const probe = `${keys.pen}:probe`
  const found = (await connections.run(
    beginning,
    [keys.log, probe, keys.heads, keys.twins, keys.records('user'), keys.index('user', 'by_name')],
    [randomUUID(), String(schema), String(logStart), layout],
  )) as [schema: string, id: string, position: string, layout: string]
  const [version, id, position, laidOut] = found
  if (Number(version) > schema) {
    throw new Error(
      `the data is of version ${version}, this program knows ${schema}: start a newer Nexo IM on it`,
    )
  }
  if (laidOut !== layout) {
    throw new Error(
      `the data is of version ${version}, but its records are laid out otherwise than this program does: ` +
        `start the Nexo IM that wrote it`,
    )
  }
  return { id, position: Number(position) }
}
