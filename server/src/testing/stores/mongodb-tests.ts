import { afterEach, beforeEach } from 'vitest'
import type { Tuning } from '../../storage/mongodb/slots.ts'
import { type FreshMongodb, freshMongodb } from './mongodb.ts'

/** A fresh store for each test of the block that calls it. */
export function useFresh(server: string, tuning?: Tuning): () => FreshMongodb {
  let fresh: FreshMongodb
  beforeEach(async () => {
    fresh = await freshMongodb(server, tuning)
  })
  afterEach(() => fresh.store.close())
  return () => fresh
}
