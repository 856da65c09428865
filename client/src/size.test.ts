import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { expect, it } from 'vitest'

/** D-12: a browser that chats must not download more than this. */
const limit = 100_000

it('the core is below 100 KB, minified and gzipped', async () => {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: true,
      lib: { entry: join(import.meta.dirname, 'index.ts'), formats: ['es'] },
    },
  })
  const outputs = (Array.isArray(built) ? built : [built]) as { output: { type: string; code?: string }[] }[]
  const code = outputs
    .flatMap((o) => o.output)
    .map((chunk) => chunk.code ?? '')
    .join('')
  const size = gzipSync(code).length
  console.log(`@nexo-im/client: ${size} bytes gzipped, ${code.length} minified`)
  expect(code.length).toBeGreaterThan(10_000)
  expect(size).toBeLessThan(limit)
})
