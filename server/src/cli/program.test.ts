import { describe, expect, it } from 'vitest'
import { runHere, startProgram } from '../testing/program.ts'

describe('the command line', () => {
  it.each([
    [['move', '--form', 'x'], 2, /no option --form; did you mean --from\?/],
    [['move', '--from', 'sqlite:a'], 2, /--from URL and --to URL are needed/],
    [['move', '--from'], 2, /--from: URL is expected behind it/],
    [['move', 'here'], 2, /"here" is not expected here/],
    [['move', '--resume=yes'], 2, /--resume takes no value/],
    [['move', '--from', 'sqlite:x', '--to', 'sqlite:./x'], 2, /the same store/],
    [['move', '--from', 'sqlite:x', '--to', 'memory:'], 2, /memory: would end with this command/],
    [['move', '--from', 'sqlite:/nowhere/x.db', '--to', 'sqlite:/nowhere/y.db'], 1, /there is no store at/],
    [['mvoe'], 2, /no command "mvoe"; did you mean move\?/],
    [['restore'], 2, /--from FILE is needed/],
    [['backup', '--to', 'x', '--to', 'y'], 2, /--to is given twice/],
  ])('refuses %j with code %d and one sentence', async (args, expected, words) => {
    const { code, out, err } = await runHere(args)
    expect([code, out, err.trim().split('\n').length]).toEqual([expected, '', 1])
    expect(err).toMatch(words)
  })

  it.each([
    'mysql://nexo:s3cr3t!@127.0.0.1:1/nexo',
    'postgres://nexo:s3cr3t!@127.0.0.1/nexo',
    'redis://:s3cr3t!@127.0.0.1:1/0',
    'mongodb://nexo:s3cr3t!@127.0.0.1:1/nexo?serverSelectionTimeoutMS=300&timeout=300',
  ])('never prints the password of %s', async (url) => {
    const { code, out, err } = await runHere(['move', '--from', url, '--to', 'sqlite:/nowhere/b.db'])
    expect(code).toBe(1)
    expect(out + err).not.toContain('s3cr3t')
    expect(err).not.toBe('')
  })
})

describe('the program', () => {
  it('ends with the code of its command, and says why on stderr alone', async () => {
    const { code, out, err } = await startProgram(['move', '--from', 'sqlite:a']).ended
    expect([code, out, err]).toEqual([2, '', '--from URL and --to URL are needed\n'])
  })
})

describe('the help', () => {
  it('lists every command with one line', async () => {
    const { code, out } = await runHere(['help'])
    expect(code).toBe(0)
    for (const name of ['serve', 'verify', 'migrate', 'move', 'backup', 'restore', 'bench'])
      expect(out).toMatch(new RegExp(`^ {2}${name} +\\S.*$`, 'm'))
    expect(out).toMatch(/exit code: 0 .* 1 .* 2 /)
  })

  it.each(['serve', 'verify', 'migrate', 'move', 'backup', 'restore', 'bench'])(
    'lists the options of %s',
    async (name) => {
      const { code, out } = await runHere([name, '--help'])
      expect([code, out]).toEqual([0, expect.stringMatching(/^nexo \w+ – .*\n\n {2}--\w+ /)])
    },
  )
})
