import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createService } from '@nexo-im/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** The README's examples, run as a reader would run them, in their order, against a server of their own. */
const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const run = promisify(execFile)
// Inside the repository, so that the examples find the packages by name.
const cache = join(root, '.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'readme-'))

const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map((m) => m[1] ?? '')
const containing = (language: string, words: string): string => {
  const [block] = blocks(language).filter((b) => b.includes(words))
  if (block === undefined) throw new Error(`the README has no ${language} example with ${words}`)
  return block
}

let url = ''
let stop: () => Promise<void>
beforeAll(async () => {
  const config = { 'server.http_port': 0, 'log.level': 'silent' } as const
  const service = await createService({ name: 'readme', dataFolder: join(folder, 'data'), config })
  url = (await service.getServer().start()).url
  stop = () => service.getServer().stop()
})
afterAll(async () => {
  await stop()
  rmSync(folder, { recursive: true, force: true })
})

async function node(source: string, name: string): Promise<string> {
  const file = join(folder, `${name}.ts`)
  writeFileSync(file, source.replaceAll('http://localhost:8080', url))
  const { stdout } = await run(process.execPath, [file], { cwd: folder, timeout: 15_000 })
  return stdout
}

describe('README', () => {
  it('names the two commands', () => {
    expect(blocks('sh').join()).toMatch(/npm start\b[\s\S]*npm test\b/)
  })

  it('talks with curl', async () => {
    const script = containing('sh', 'msg/send').replaceAll('localhost:8080', url.replace('http://', ''))
    const { stdout } = await run('bash', ['-euc', script])
    expect(stdout).toContain('"seq":1')
    expect(stdout).toMatch(/"messages":\[\{.*Hello, Bob/)
  })

  it('talks with the SDK', async () => {
    expect(await node(containing('ts', 'createClient'), 'sdk')).toContain('stored as number 2')
  })

  it('embeds the service', async () => {
    expect(await node(containing('ts', 'createService'), 'embed')).toContain('stored as number 1')
  })
})
