import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { contentTypes } from './content/index.ts'
import { errors } from './errors.ts'
import { events } from './events.ts'
import { operations } from './operations.ts'
import { protocolVersion } from './version.ts'

/** Version → hash of every table. A changed wire needs a new version with a line of history in `version.ts`. */
const pinned: Readonly<Record<number, string>> = {
  1: 'c66c3eb3a2ca06cab7f09568301d03a5',
  2: 'e9f06244d0c5c419a832e4ed6e9b6d3e',
}

it('cannot change without a new version', () => {
  const types = contentTypes.map(({ preview: _, ...rest }) => rest)
  const tables = JSON.stringify({ operations, events, errors, types })
  const hash = createHash('sha256').update(tables).digest('hex').slice(0, 32)
  expect(`version ${protocolVersion}: ${hash}`).toBe(`version ${protocolVersion}: ${pinned[protocolVersion]}`)
})
