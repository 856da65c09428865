import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startServices } from './start.mjs'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'nexo-services-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const ignore = (): void => {}

/** A program in the place of redis-server. Its code knows the port, and that it runs for the nth time. */
function redisThat(code: string): string {
  const bin = path.join(folder, 'bin')
  const program = path.join(bin, 'redis-server')
  mkdirSync(bin)
  writeFileSync(
    program,
    `#!${process.execPath}
    const { existsSync, readFileSync, writeFileSync } = require('node:fs')
    const port = Number(/^port (\\d+)/m.exec(readFileSync(process.argv[2], 'utf8'))[1])
    const before = ${JSON.stringify(path.join(folder, 'times'))}
    const nth = existsSync(before) ? Number(readFileSync(before, 'utf8')) + 1 : 1
    writeFileSync(before, String(nth))
    writeFileSync(${JSON.stringify(path.join(folder, 'pid'))}, String(process.pid))
    ${code}`,
  )
  chmodSync(program, 0o755)
  return program
}

const answering = `
  require('node:net').createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.write('+OK\\r\\n+PONG\\r\\n'))
  }).listen(port, '127.0.0.1')`

const base = (): string => path.join(folder, 'base')
const remains = (): string[] => (existsSync(base()) ? readdirSync(base()) : [])
const pid = (): number => Number(readFileSync(path.join(folder, 'pid'), 'utf8'))

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0)
  } catch {
    return false
  }
}

function start(program: string, log: (line: string) => void = ignore): ReturnType<typeof startServices> {
  const environment = { NEXO_SERVICES_FOLDER: base() }
  return startServices({ log, only: ['redis'], environment, find: () => ({ path: program }) })
}

const seek = (): never => {
  throw new Error('nothing had to be sought')
}

/** A process of its own that starts the fake and stays; it runs until `told` has seen what it printed. */
async function textOf(program: ChildProcess, seen: (text: string) => void): Promise<string> {
  let text = ''
  for await (const chunk of program.stdout ?? []) {
    text += String(chunk)
    seen(text)
  }
  return text
}

// The fakes are scripts with a first line that names Node: Windows knows no such thing.
describe.runIf(process.platform !== 'win32')('the services', () => {
  it('take a URL that is set and start nothing for it', async () => {
    const environment = { REDIS_URL: 'redis://given', NEXO_SERVICES_FOLDER: base() }
    const { env, missing, stop } = await startServices({
      log: ignore,
      only: ['redis'],
      environment,
      find: seek,
    })
    expect({ env, missing }).toEqual({ env: { REDIS_URL: 'redis://given' }, missing: {} })
    expect(remains()).toEqual([])
    await stop()
  })

  it('that are off start nothing, and say why each is missing', async () => {
    const environment = { NEXO_SERVICES: 'off', NATS_URL: 'nats://given' }
    const { env, missing } = await startServices({ log: ignore, environment, find: seek })
    expect(env).toEqual({ NATS_URL: 'nats://given' })
    expect(Object.keys(missing)).toEqual(['mariadb', 'redis', 'mongodb', 'nginx'])
    expect(missing['redis']).toContain('NEXO_SERVICES=off')
  })

  it('that cannot be had are missing for a reason', async () => {
    const find = (): { missing: string } => ({ missing: 'only root may install it' })
    const { missing } = await startServices({ log: ignore, only: ['redis'], environment: {}, find })
    expect(missing).toEqual({ redis: 'only root may install it' })
  })

  it('refuse a name that they do not know', async () => {
    const wish = startServices({ log: ignore, only: ['oracle'], environment: {}, find: seek })
    await expect(wish).rejects.toThrow(/no service oracle; there are mariadb, redis/)
  })

  it('run with a password of their own until they are stopped, and leave nothing', async () => {
    const services = await start(redisThat(answering))
    expect(services.env['REDIS_URL']).toMatch(/^redis:\/\/:[0-9a-f]{24}@127\.0\.0\.1:\d+\/0$/)
    const id = pid()
    expect([isAlive(id), remains().length]).toEqual([true, 1])
    await services.stop()
    expect([isAlive(id), remains()]).toEqual([false, []])
  })

  it('that die at their start are missing, with the end of their log', async () => {
    const services = await start(redisThat(`console.log('no memory left'); process.exit(3)`))
    expect(services.env).toEqual({})
    expect(services.missing['redis']).toMatch(
      /^Redis ended with code 3; the end of its log:\nno memory left$/,
    )
    await services.stop()
    expect(remains()).toEqual([])
  })

  it('get another port when somebody took theirs', async () => {
    const taken = `console.log('bind: Address already in use'); process.exit(1)`
    const services = await start(redisThat(`if (nth < 3) { ${taken} } ${answering}`))
    expect(services.env['REDIS_URL']).toMatch(/^redis:/)
    await services.stop()
  })

  it('that end by themselves are told of, with the end of their log', async () => {
    const log = vi.fn<(line: string) => void>()
    const services = await start(
      redisThat(`process.on('SIGUSR2', () => { console.log('oh'); process.exit(9) }); ${answering}`),
      log,
    )
    process.kill(pid(), 'SIGUSR2')
    await vi.waitFor(() =>
      expect(log).toHaveBeenCalledWith('Redis ended with code 9; the end of its log:\noh'),
    )
    await services.stop()
  })

  it('end when the process that started them is killed', async () => {
    const program = redisThat(answering)
    const wish = `{ log() {}, only: ['redis'], environment: ${JSON.stringify({ NEXO_SERVICES_FOLDER: base() })},
      find: () => ({ path: ${JSON.stringify(program)} }) }`
    const code = `import { startServices } from ${JSON.stringify(path.join(import.meta.dirname, 'start.mjs'))}
      await startServices(${wish})
      console.log('runs')`
    const starter = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await textOf(starter, (text) => text === 'runs\n' && starter.kill('SIGKILL'))
    const id = pid()
    await vi.waitFor(() => expect([isAlive(id), remains()]).toEqual([false, []]), { timeout: 10_000 })
  })

  it('on the command line print what to export, and end with Ctrl-C', async () => {
    const program = redisThat(answering)
    const starter = spawn(process.execPath, [path.join(import.meta.dirname, 'main.mjs'), 'redis'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: path.dirname(program), NEXO_SERVICES_FOLDER: base() },
    })
    const ended = once(starter, 'exit')
    const text = await textOf(starter, (sofar) => sofar.endsWith('\n') && starter.kill('SIGINT'))
    expect(text).toMatch(/^export REDIS_URL='redis:\/\/:[0-9a-f]+@127\.0\.0\.1:\d+\/0'\n$/)
    expect([(await ended)[0], isAlive(pid()), remains()]).toEqual([0, false, []])
  })
})
