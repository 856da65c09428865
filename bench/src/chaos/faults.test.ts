import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { findProgram } from '../engines/program.ts'
import { isKept, lineOf } from './measure.ts'
import { nginxProgram } from './nginx.ts'
import type { FaultName } from './options.ts'
import { play } from './play.ts'

/** Why no server can be killed here, or undefined. */
function whyNot(): string | undefined {
  if (!existsSync('/proc/net/tcp')) return 'there is no /proc to find servers in'
  const missing = ['mariadbd', 'mariadb-install-db', 'redis-server'].filter((name) => !findProgram(name))
  if (nginxProgram() === undefined) missing.push('nginx')
  return missing.length === 0
    ? undefined
    : `${missing.join(', ')} not found (npm test installs them on Debian)`
}

const reason = whyNot()
if (reason !== undefined) process.stderr.write(`faults are not played: ${reason}\n`)

/** Runs one fault in its quick form, and returns whatever it found wrong. */
async function faultsOf(fault: FaultName, times: number): Promise<string[]> {
  const said: string[] = []
  const options = { fault, store: 'mysql', bus: 'redis', times, clients: 8, seed: 1 } as const
  const { judgement, measures } = await play({ ...options, data: tmpdir(), keep: false }, (line) => {
    said.push(line)
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${said.join('\n')}`, { cause: error })
  })
  expect(judgement.figures.acked).toBeGreaterThan(100)
  // Who came and went, read, and asked what changed was looked at too.
  const idle = judgement.rulings.filter(({ cases }) => cases === 0).map(({ id }) => id)
  for (const id of ['I9', 'I10', 'I11']) expect(idle).not.toContain(id)
  const broken = judgement.rulings.filter(({ violations }) => violations > 0)
  const found = [
    ...broken.map(({ id, says, examples }) => `${id} ${says}: ${examples.join('; ')}`),
    ...measures.filter((measure) => !isKept(measure)).map(lineOf),
  ]
  return found.length === 0 ? [] : [...found, ...said]
}

describe.skipIf(reason !== undefined)(
  'nothing acked is lost, doubled or out of order',
  { timeout: 180_000 },
  () => {
    it('when one of three nodes is killed twice, and who is gone is known within the heartbeat', async () => {
      expect(await faultsOf('nodes', 2)).toEqual([])
    })

    it('when the database is killed, and nothing is acked while it is away', async () => {
      expect(await faultsOf('database', 1)).toEqual([])
    })

    it('when the Redis beside it is killed and comes back empty, and nodes hear each other again', async () => {
      expect(await faultsOf('redis', 1)).toEqual([])
    })

    it('when connections of clients are cut a hundred times between send and ack', async () => {
      expect(await faultsOf('lost-acks', 100)).toEqual([])
    })

    it('when every node is restarted in turn, and no send fails', async () => {
      expect(await faultsOf('rolling', 1)).toEqual([])
    })
  },
)
