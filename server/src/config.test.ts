import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { duration, readConfig } from './config.ts'
import { options } from './config-options.ts'

const folder = mkdtempSync(join(tmpdir(), 'nexo-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
function file(text: string): string {
  const path = join(folder, 'im.yml')
  writeFileSync(path, text)
  return path
}

describe('configuration', () => {
  it('takes the file, over it the environment, over it what the program says', () => {
    const config = readConfig({
      file: file(
        'server:\n  http_port: 1\n  mode: release\nwebsocket:\n  pong_wait: 1m30s\n  max_conn_num: 5\n',
      ),
      env: {
        IM_SERVER__HTTP_PORT: '2',
        IM_WEBSOCKET__MAX_CONN_NUM: '6',
        IM_SERVER__ALLOWED_ORIGINS: 'https://a, https://b',
      },
      given: { 'server.http_port': 3 },
    })
    expect(config['server.http_port']).toBe(3)
    expect(config['websocket.max_conn_num']).toBe(6)
    expect(config['websocket.pong_wait']).toBe(90_000)
    expect(config['server.mode']).toBe('release')
    expect(config['server.allowed_origins']).toEqual(['https://a', 'https://b'])
    expect(config['websocket.max_message_size']).toBe(51_200)
  })

  it.each([
    [
      'server:\n  http_prot: 1\n',
      /im\.yml:2: server\.http_prot: there is no such key; did you mean server\.http_port/,
    ],
    ['server:\n  http_port: many\n', /im\.yml:2: server\.http_port: a whole number is expected, not "many"/],
    ['server:\n\n  mode: fast\n', /im\.yml:3: server\.mode: one of debug, release is expected/],
    ['websocket:\n  pong_wait: soon\n', /a duration like 30s/],
    ['server:\n  http_port: 70000\n', /a number from 0 to 65535/],
    ['lynx:\n  plugins: 1\n', /settings of a Lynx application/],
    ['server: [\n', /im\.yml:\d+/],
    ['just text\n', /sections like/],
  ])('refuses %j with file, line, key and what was expected', (text, words) => {
    expect(() => readConfig({ file: file(text) })).toThrow(words)
  })

  it('never repeats a wrong secret', () => {
    expect(() => readConfig({ file: file('jwt:\n  secret: 12345\n') })).toThrow(/^(?!.*12345)/)
  })

  it('has prose for every key', () => {
    for (const option of Object.values(options)) expect(option.prose.length).toBeGreaterThan(20)
  })
})

it('durations are read as people write them', () => {
  expect([duration('30s'), duration('1h30m'), duration('250ms'), duration(5), duration('2d')]).toEqual([
    30_000, 5_400_000, 250, 5, 172_800_000,
  ])
  expect([duration('soon'), duration('-1s'), duration('5'), duration(''), duration(Number.NaN)]).toEqual(
    Array(5).fill(undefined),
  )
})
