import { describe, expect, it } from 'vitest'
import { type ExportPage, exportAccount } from './export.ts'

const document = (kind: string): ExportPage['list'][number] => ({ kind, data: {} })

describe('exporting an account', () => {
  it('goes on with the cursor of each page until there is none, and tells how many came', async () => {
    const pages: Record<string, ExportPage> = {
      '': { list: [document('profile')], next_cursor: 'a' },
      a: { list: [], next_cursor: 'b' },
      b: { list: [document('message'), document('message')] },
    }
    const told: number[] = []
    const all = await exportAccount(
      ({ cursor = '' }) => Promise.resolve(pages[cursor] ?? { list: [] }),
      (count) => told.push(count),
      new AbortController().signal,
    )
    expect(all.map(({ kind }) => kind)).toEqual(['profile', 'message', 'message'])
    expect(told).toEqual([1, 1, 3])
  })

  it('stops when it is no longer wanted', async () => {
    const abort = new AbortController()
    let asked = 0
    const running = exportAccount(
      () => {
        asked += 1
        abort.abort()
        return Promise.resolve({ list: [], next_cursor: 'again' })
      },
      () => undefined,
      abort.signal,
    )
    await expect(running).rejects.toMatchObject({ name: 'AbortError' })
    expect(asked).toBe(1)
  })
})
