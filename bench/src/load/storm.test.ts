import { expect, test } from 'vitest'
import { seeded } from '../random.ts'
import { stormFaults } from '../scenarios/reconnect-storm.ts'
import { type Script, startScriptedServer } from './scripted-server.ts'
import { type StormResult, storm } from './storm.ts'

const sessions = 12
const ids = ['8', '9']

async function play(script: Script = {}, patienceMs = 8000): Promise<StormResult> {
  const server = await startScriptedServer(script)
  const addressOf = (user: number) => ({ host: '127.0.0.1', port: server.port, token: String(user) })
  try {
    return await storm({
      sessions: Array.from({ length: sessions }, (_, i) => ({
        address: addressOf(i),
        conversations: ids.map((id) => `sg_${id}`),
      })),
      conversations: ids.map((id) => ({ id: `sg_${id}`, target: { group_id: id } })),
      writer: addressOf(sessions),
      rate: 200,
      text: 'words',
      serverPids: [process.pid],
      random: seeded(1),
      patienceMs,
      leadMs: 300,
      say: () => undefined,
    })
  } finally {
    await server.close()
  }
}

test.concurrent('all come back and lack nothing, whatever was written while they were away', async () => {
  const result = await play()
  expect(stormFaults(result)).toEqual([])
  expect(result).toMatchObject({ away: 0, missing: 0, wrong: 0, attempts: sessions })
  expect(result.inSync.count).toBe(sessions)
  expect(result.acked).toBe(result.sent)
  expect(result.acked).toBeGreaterThan(60)
})

test.concurrent('who is refused tries again, later', async () => {
  const result = await play({ refuseUpgrades: 5 })
  expect(stormFaults(result)).toEqual([])
  expect(result.attempts).toBe(sessions + 5)
})

const faults: readonly (readonly [string, Script, string])[] = [
  ['a message that pages leave out', { dropStored: 9 }, 'missing from sessions'],
  ['a message that is another one in pages', { swapStored: 9 }, 'things were wrong'],
  ['a message that is pushed twice', { repeatPush: 9 }, 'pushed behind'],
  ['nobody being told what changed', { silent: true }, 'missing from sessions'],
  ['a push that never comes', { dropPush: 9 }, 'missing from sessions'],
  ['a refused message', { refuse: 9 }, 'was refused'],
]

for (const [what, script, named] of faults)
  test.concurrent(`${what}: the storm fails`, async () => {
    expect(stormFaults(await play(script, 2500)).join('; ')).toContain(named)
  })

test.concurrent('who does not come back in time is missed', async () => {
  const result = await play({ refuseUpgrades: 1000 }, 1000)
  expect(result.away).toBeGreaterThan(0)
  expect(stormFaults(result).join()).toContain('did not come back')
})
