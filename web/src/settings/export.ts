import type { Input, Output } from '@nexo-im/protocol'

export type ExportPage = Output<'account.export'>
type Ask = (input: Input<'account.export'>) => Promise<ExportPage>

/**
 * Every document of the own account, page by page. Rejects with what a page was refused with, or when it is aborted.
 * @param told after every page, how many documents there are
 */
export async function exportAccount(
  ask: Ask,
  told: (count: number) => void,
  signal: AbortSignal,
): Promise<ExportPage['list']> {
  const all: ExportPage['list'] = []
  let cursor: string | undefined
  do {
    const page = await ask(cursor === undefined ? {} : { cursor })
    signal.throwIfAborted()
    all.push(...page.list)
    told(all.length)
    cursor = page.next_cursor
  } while (cursor !== undefined)
  return all
}

/** Gives the browser a file to save. */
export function saveAs(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name.replaceAll(/[^\p{L}\p{N}._-]/gu, '_')
  link.click()
  // The browser has taken it by the next turn of its loop at the latest.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
