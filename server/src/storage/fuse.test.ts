import { expect, it } from 'vitest'
import { createFuse } from './fuse.ts'

class Silence extends Error {}

const isSilence = (error: unknown): boolean => error instanceof Silence
const silent = (): Promise<never> => Promise.reject(new Silence('no answer'))

it('refuses everything at once after one question without an answer, until one is answered again', async () => {
  let hangs = true
  let probes = 0
  const fuse = createFuse(isSilence, async () => {
    probes += 1
    if (hangs) return silent()
  })
  await expect(fuse.run(silent)).rejects.toThrow('no answer')
  let asked = 0
  const ask = async (): Promise<string> => {
    asked += 1
    return 'answer'
  }
  await expect(fuse.run(ask)).rejects.toThrow('no answer')
  expect(asked).toBe(0)
  await expect.poll(() => probes).toBeGreaterThan(1)
  hangs = false
  await expect.poll(() => fuse.run(ask).catch(() => 'refused')).toBe('answer')
})

it('lets every other error through, and asks again the next time', async () => {
  const fuse = createFuse(isSilence, () => Promise.reject(new Error('nobody probes')))
  await expect(fuse.run(() => Promise.reject(new Error('table is gone')))).rejects.toThrow('table is gone')
  await expect(fuse.run(async () => 'answer')).resolves.toBe('answer')
})

it('ends when the probe hears anything at all, be it a refusal', async () => {
  const fuse = createFuse(isSilence, () => Promise.reject(new Error('connection refused')))
  await expect(fuse.run(silent)).rejects.toThrow('no answer')
  await expect.poll(() => fuse.run(async () => 'asked').catch(() => 'refused')).toBe('asked')
})
