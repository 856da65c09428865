import { ImError } from '@nexo-im/protocol'

interface Sitter {
  readonly userId: string
  /** Undefined where exempt (loopback, trusted). */
  readonly address?: string
}

/** Sockets of this node by address and by user: nobody takes the places of all others, with one token or with many. */
export interface Seats {
  /** Throws `connections_capped`. */
  need(sitter: Sitter): void
  take(sitter: Sitter): void
  leave(sitter: Sitter): void
}

export function createSeats(most: { readonly perAddress: number; readonly perUser: number }): Seats {
  const addresses = new Map<string, number>()
  const users = new Map<string, number>()
  const isFull = (taken: ReadonlyMap<string, number>, key: string, limit: number): boolean =>
    (taken.get(key) ?? 0) >= limit

  function move({ userId, address }: Sitter, by: 1 | -1): void {
    add(users, userId, by)
    if (address !== undefined) add(addresses, address, by)
  }

  return {
    need: ({ userId, address }) => {
      const full =
        isFull(users, userId, most.perUser) ||
        (address !== undefined && isFull(addresses, address, most.perAddress))
      if (full) throw new ImError('connections_capped', { retryAfter: 5 })
    },
    take: (sitter) => move(sitter, 1),
    leave: (sitter) => move(sitter, -1),
  }
}

function add(taken: Map<string, number>, key: string, by: 1 | -1): void {
  const count = (taken.get(key) ?? 0) + by
  if (count === 0) taken.delete(key)
  else taken.set(key, count)
}
