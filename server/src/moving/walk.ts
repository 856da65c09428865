import { setImmediate as turn } from 'node:timers/promises'

/** Goes through something that is kept in order, page by page: never more than two pages of it are in memory. */
export interface Walk<T> {
  /** Where it stands; undefined before the first `next` and behind the last one. */
  readonly head: T | undefined
  /** Goes one further. Undefined where that is done already, so that hardly any row costs a turn. */
  next(): Promise<void> | undefined
}

interface Way<T> {
  /** What it goes through, in words. */
  readonly name: string
  /** At most `size` things behind this one; fewer mean that nothing follows. */
  readonly page: (after: T | undefined, size: number) => Promise<readonly T[]>
  readonly size: number
  readonly order: (a: T, b: T) => number
  /** Ends it between two pages. */
  readonly signal?: AbortSignal | undefined
}

/** The first page is asked for at once, each following one while the one before it is used. */
export function createWalk<T>(way: Way<T>): Walk<T> {
  let rows: readonly T[] = []
  let at = -1
  let head: T | undefined
  let coming: Promise<readonly T[]> | undefined = load(undefined)

  function load(after: T | undefined): Promise<readonly T[]> {
    const page = loadPage(way, after)
    // It is looked at later: until then its failure is nobody's.
    page.catch(() => undefined)
    return page
  }

  async function turnPage(): Promise<void> {
    rows = (await coming) ?? []
    at = 0
    head = rows[0]
    coming = rows.length < way.size ? undefined : load(rows.at(-1))
  }

  return {
    get head() {
      return head
    },
    next: () => {
      at += 1
      if (at < rows.length) head = rows[at]
      else if (coming) return turnPage()
      else head = undefined
      return undefined
    },
  }
}

async function loadPage<T>(
  { name, page, size, order, signal }: Way<T>,
  after: T | undefined,
): Promise<readonly T[]> {
  // An embedded store answers without a turn of the event loop; signals and progress need one now and then.
  await turn()
  signal?.throwIfAborted()
  const rows = await page(after, size)
  let last = after
  for (const row of rows) {
    // Two stores can be compared side by side only while both keep the one order.
    if (last !== undefined && order(last, row) >= 0)
      throw new Error(`a store does not keep ${name} in order: it is damaged`)
    last = row
  }
  return rows
}

/**
 * Two walks side by side: tells of everything that is in one of them or in both, in order.
 * @param meet called with one undefined where only the other side has it; waited for where it returns a promise
 */
export async function walkBoth<T>(
  left: Walk<T>,
  right: Walk<T>,
  order: (a: T, b: T) => number,
  meet: (left: T | undefined, right: T | undefined) => Promise<void> | undefined,
): Promise<void> {
  await Promise.all([left.next(), right.next()])
  for (;;) {
    const [a, b] = [left.head, right.head]
    if (a === undefined && b === undefined) return
    const way = a === undefined ? 1 : b === undefined ? -1 : order(a, b)
    const met = meet(way <= 0 ? a : undefined, way >= 0 ? b : undefined)
    if (met) await met
    const steps = [way <= 0 ? left.next() : undefined, way >= 0 ? right.next() : undefined]
    for (const step of steps) if (step) await step
  }
}
