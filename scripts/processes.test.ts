import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const processes = path.join(import.meta.dirname, 'processes.mjs')
const prepare = path.join(import.meta.dirname, 'prepare.mjs')

/** A child that says when it runs and which signals it got, and stops with code 7 at the first. */
const patient = `
  for (const name of ['SIGTERM', 'SIGHUP']) process.on(name, () => { console.log(name); process.exit(7) })
  setInterval(() => {}, 1000)
  console.log('runs')`

/** Starts a starter whose program is `child`; its output ends with the child's. */
function starterOf(child: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const code = `
    import { exitWith, runInForeground } from ${JSON.stringify(processes)}
    await exitWith(() => runInForeground(process.execPath, ['-e', ${JSON.stringify(child)}]))`
  return spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, npm_lifecycle_event: undefined, ...env },
  })
}

async function textOf(program: ChildProcess, seen: (text: string) => void = () => {}): Promise<string> {
  let text = ''
  for await (const chunk of program.stdout ?? []) {
    text += String(chunk)
    seen(text)
  }
  return text
}

describe('a starter', () => {
  it.each([0, 3])('ends with the code %i of its program', async (code) => {
    const [seen] = await once(starterOf(`process.exit(${code})`), 'exit')
    expect(seen).toBe(code)
  })

  it('ends with 128 + n when signal n ended its program', async () => {
    const [seen] = await once(starterOf("process.kill(process.pid, 'SIGKILL')"), 'exit')
    expect(seen).toBe(137)
  })

  it.each(['SIGTERM', 'SIGHUP'] as const)('hands %s on and waits for the end', async (signal) => {
    const starter = starterOf(patient)
    const ended = once(starter, 'exit')
    const text = await textOf(starter, (sofar) => sofar === 'runs\n' && starter.kill(signal))
    expect(text).toBe(`runs\n${signal}\n`)
    expect((await ended)[0]).toBe(7)
  })

  it('says one repeated signal only once', async () => {
    const starter = starterOf(`
      let got = 0
      process.on('SIGTERM', () => { got += 1 })
      setInterval(() => {}, 1000)
      setTimeout(() => { console.log(got); process.exit() }, 600)
      console.log('runs')`)
    const text = await textOf(starter, (sofar) => {
      if (sofar === 'runs\n')
        for (const signal of ['SIGTERM', 'SIGTERM', 'SIGTERM'] as const) starter.kill(signal)
    })
    expect(text).toBe('runs\n1\n')
  })

  // npm's shell dies of a SIGTERM without handing it on; Windows knows no such thing.
  it.runIf(process.platform !== 'win32')(
    'under npm, ends its program when the shell above it dies',
    async () => {
      const starter = `
      import { exitWith, runInForeground } from ${JSON.stringify(processes)}
      await exitWith(() => runInForeground(process.execPath, ['-e', ${JSON.stringify(patient)}]))`
      const shell = spawn('sh', ['-c', '"$0" --input-type=module -e "$1"; true', process.execPath, starter], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, npm_lifecycle_event: 'start' },
      })
      const text = await textOf(shell, (sofar) => sofar === 'runs\n' && shell.kill('SIGTERM'))
      expect(text).toBe('runs\nSIGTERM\n')
    },
  )

  it('turns a problem into one sentence', async () => {
    const code = `
      import { exitWith } from ${JSON.stringify(processes)}
      import { Problem } from ${JSON.stringify(prepare)}
      await exitWith(async () => { throw new Problem('Nothing here.') })`
    const program = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const ended = once(program, 'exit')
    let said = ''
    for await (const chunk of program.stderr) said += String(chunk)
    expect([said, (await ended)[0]]).toEqual(['nexo: Nothing here.\n', 1])
  })
})
