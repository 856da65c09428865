import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { cycles } from './cycles.ts'
import { readDoors, readTree } from './imports.ts'

const root = path.join(import.meta.dirname, '../..')
const doors = new Map([['@nexo-im/protocol', 'protocol/src/index.ts']])

describe('import cycles', () => {
  it('are nowhere in the real tree', () => {
    expect(cycles(readTree(root), readDoors(root))).toEqual([])
  })

  it('are found when only types go round', () => {
    const tree = new Map([
      ['web/src/a.ts', "import type { B } from './b.ts'\nexport type A = B\n"],
      ['web/src/b.ts', "import type { A } from './a.ts'\nexport type B = A\n"],
    ])
    expect(cycles(tree, doors)).toEqual([['web/src/a.ts', 'web/src/b.ts']])
  })

  it('are found over three files and a lazy import, each once', () => {
    const tree = new Map([
      ['web/src/a.ts', "import { b } from './b.ts'"],
      ['web/src/b.ts', "export { c } from './c.ts'"],
      ['web/src/c.ts', "const a = await import('./a.ts')"],
      ['web/src/d.ts', "import { a } from './a.ts'"],
    ])
    expect(cycles(tree, doors)).toEqual([['web/src/a.ts', 'web/src/b.ts', 'web/src/c.ts']])
  })

  it('are found through a package’s own door', () => {
    const tree = new Map([
      ['protocol/src/index.ts', "export * from './user.ts'"],
      ['protocol/src/user.ts', "import { name } from '@nexo-im/protocol'"],
    ])
    expect(cycles(tree, doors)).toEqual([['protocol/src/index.ts', 'protocol/src/user.ts']])
  })

  it('are not seen where two ways lead to the same file', () => {
    const tree = new Map([
      ['web/src/a.ts', "import './b.ts'\nimport './c.ts'"],
      ['web/src/b.ts', "import './d.ts'"],
      ['web/src/c.ts', "import './d.ts'"],
      ['web/src/d.ts', ''],
    ])
    expect(cycles(tree, doors)).toEqual([])
  })
})
