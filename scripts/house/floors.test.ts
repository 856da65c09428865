import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { violations } from './floors.ts'
import { type Doors, importsOf, readDoors, readTree } from './imports.ts'

const root = path.join(import.meta.dirname, '../..')
const doors: Doors = new Map([
  ['@nexo-im/protocol', 'protocol/src/index.ts'],
  ['@nexo-im/server', 'server/src/index.ts'],
  ['@nexo-im/client', 'client/src/index.ts'],
  ['@nexo-im/client/react', 'client/src/react.ts'],
])

/** What the floors say about one line in one file. */
function saidOf(file: string, line: string): string[] {
  return violations(new Map([[file, `${line}\n`]]), doors)
}

describe('the real tree', () => {
  const tree = readTree(root)

  it('has sources in every workspace', () => {
    const found = new Set([...tree.keys()].map((file) => file.split('/')[0]))
    expect([...found].toSorted()).toEqual(['bench', 'client', 'protocol', 'server', 'web'])
  })

  it('keeps to its floors', () => {
    expect(violations(tree, readDoors(root))).toEqual([])
  })
})

describe('a forbidden import is named', () => {
  it.each([
    ['protocol/src/check.ts', "import { z } from 'zod'", 'zod'],
    [
      'protocol/src/check.ts',
      "import { core } from '../../server/src/core/dispatch.ts'",
      'server/src/core/dispatch.ts',
    ],
    ['server/src/core/writer.ts', "import { readFile } from 'node:fs'", 'node:fs'],
    ['server/src/core/writer.ts', "import { readFile } from 'fs/promises'", 'fs/promises'],
    [
      'server/src/core/writer.ts',
      "import { openSqlite } from '../storage/sqlite.ts'",
      'server/src/storage/sqlite.ts',
    ],
    ['server/src/core/writer.ts', "import PQueue from 'p-queue'", 'p-queue'],
    ['server/src/core/writer.ts', "import type { Options } from '../config.ts'", 'server/src/config.ts'],
    ['server/src/core/writer.ts', "export * from '../storage/memory.ts'", 'server/src/storage/memory.ts'],
    ['server/src/core/writer.ts', "const db = await import('better-sqlite3')", 'better-sqlite3'],
    ['server/src/core/writer.ts', "type Db = import('better-sqlite3').Database", 'better-sqlite3'],
    [
      'server/src/storage/sqlite.ts',
      "import { route } from '../core/router.ts'",
      'server/src/core/router.ts',
    ],
    ['server/src/storage/sqlite.ts', "import fastify from 'fastify'", 'fastify'],
    [
      'server/src/transports/http.ts',
      "import { openStore } from '../storage/open.ts'",
      'server/src/storage/open.ts',
    ],
    [
      'server/src/transports/http.ts',
      "import { push } from '../features/push/push.ts'",
      'server/src/features/push/push.ts',
    ],
    [
      'server/src/features/webhooks.ts',
      "import { keys } from './keys/keys.ts'",
      'server/src/features/keys/keys.ts',
    ],
    [
      'server/src/service.ts',
      "import { createClient } from '../../client/src/client.ts'",
      'client/src/client.ts',
    ],
    [
      'server/src/testing/pair.ts',
      "import { dispatch } from '../core/dispatch.ts'",
      'server/src/core/dispatch.ts',
    ],
    ['client/src/client.ts', "import { createService } from '@nexo-im/server'", '@nexo-im/server'],
    ['client/src/client.ts', "import { randomUUID } from 'node:crypto'", 'node:crypto'],
    ['client/src/client.ts', "import { useMemo } from 'react'", 'react'],
    ['client/src/client.ts', "import { useClient } from './react.ts'", 'client/src/react.ts'],
    ['web/src/main.tsx', "import { createService } from '@nexo-im/server'", '@nexo-im/server'],
    ['web/src/main.tsx', "import { createClient } from '../../client/src/index.ts'", 'client/src/index.ts'],
    [
      'web/src/main.tsx',
      "import { sync } from '@nexo-im/client/sync'",
      '@nexo-im/client/sync, which is not a door',
    ],
    ['web/e2e/chat.spec.ts', "import { createService } from '@nexo-im/server'", '@nexo-im/server'],
    ['bench/src/main.ts', "import { createService } from '../../server/src/index.ts'", 'server/src/index.ts'],
    ['bench/src/checker/order.ts', "import { checkInput } from '@nexo-im/protocol'", '@nexo-im/protocol'],
    ['bench/src/checker/order.ts', "import { load } from '../load/load.ts'", 'bench/src/load/load.ts'],
  ])('%s: %s', (file, line, named) => {
    expect(saidOf(file, line)).toEqual([`${file}:1 may not import ${named}`])
  })

  it('when its path is computed', () => {
    expect(saidOf('server/src/core/writer.ts', 'const it = await import(name)')).toEqual([
      'server/src/core/writer.ts:1 may not import a computed path, which no check can follow',
    ])
  })

  it('also in a test, when it goes round another workspace’s door', () => {
    const inner = "import { createClient } from '../../client/src/client.ts'"
    expect(saidOf('server/src/journey.test.ts', inner)).toHaveLength(1)
    expect(saidOf('web/src/session.test.ts', "import { createService } from '@nexo-im/server'")).toHaveLength(
      1,
    )
    expect(saidOf('client/src/sync.test.ts', "import { createService } from '@nexo-im/server'")).toHaveLength(
      1,
    )
  })

  it('and so is a file whose folder the table does not know', () => {
    expect(saidOf('server/src/misc/thing.ts', '')).toEqual([
      'server/src/misc/thing.ts stands on no floor: name its place in scripts/house/floors.ts',
    ])
  })
})

describe('an allowed import passes', () => {
  it.each([
    ['protocol/src/message.ts', "import Type from 'typebox'"],
    ['server/src/core/writer.ts', "import type { Message } from '@nexo-im/protocol'"],
    ['server/src/storage/sqlite.ts', "import type { Store } from '../core/ports.ts'"],
    ['server/src/storage/sqlite.ts', "const { default: Database } = await import('better-sqlite3')"],
    ['server/src/transports/http.ts', "import cors from '@fastify/cors'"],
    ['server/src/features/push/push.ts', "import { apns } from './apns.ts'"],
    ['server/src/service.ts', "import { createClient } from '@nexo-im/client'"],
    ['server/src/cli/main.ts', "import { openStore } from '../storage/open.ts'"],
    ['server/src/core/writer.test.ts', "import { openMemory } from '../storage/memory.ts'"],
    ['server/src/service.test.ts', "import { createClient } from '@nexo-im/client'"],
    ['client/src/react.ts', "import { useSyncExternalStore } from 'react'"],
    ['web/src/main.tsx', "import { useClient } from '@nexo-im/client/react'"],
    ['bench/src/main.ts', "import { createService } from '@nexo-im/server'"],
    ['bench/src/checker/order.ts', "import { gap } from './gap.ts'"],
  ])('%s: %s', (file, line) => {
    expect(saidOf(file, line)).toEqual([])
  })
})

describe('imports are read', () => {
  it('over several lines, with types and comments inside', () => {
    const source = "\nimport {\n  a, // from 'nowhere'\n  type B, /* c */\n} from './a.ts'\n"
    expect(importsOf('web/src/x.ts', source, doors)).toEqual([
      { from: 'web/src/x.ts', line: 5, target: { kind: 'file', path: 'web/src/a.ts' } },
    ])
  })

  it('for their effect alone', () => {
    expect(importsOf('web/src/x.ts', "import './x.css'", doors)).toHaveLength(1)
  })

  it('but not from comments and declarations', () => {
    const source = [
      "// const a = await import('zod')",
      " * import a from 'zod'",
      'export interface Link {',
      "  /** taken from 'zod' */",
      '  readonly from: string',
      '}',
      "export const from = 'zod'",
    ]
    expect(importsOf('web/src/x.ts', source.join('\n'), doors)).toEqual([])
  })
})
