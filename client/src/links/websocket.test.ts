import { describe, expect, it } from 'vitest'
import { createTestClock } from '../testing/clock.ts'
import type { LinkTarget } from './link.ts'
import { websocketLink } from './websocket.ts'

/** A socket whose network the test plays: as far as a page can see, it is one. */
class PlayedSocket extends EventTarget {
  static readonly made: PlayedSocket[] = []
  readonly url: string
  readonly protocol: string
  readonly sent: unknown[] = []
  readonly closes: [number, string][] = []
  readonly bufferedAmount = 7
  readyState = 0

  constructor(url: string, protocol: string) {
    super()
    this.url = url
    this.protocol = protocol
    PlayedSocket.made.push(this)
  }

  send(frame: unknown): void {
    this.sent.push(frame)
  }

  close(code: number, reason: string): void {
    this.closes.push([code, reason])
  }

  play(name: 'open' | 'message' | 'close', fields: object = {}): void {
    if (name === 'open') this.readyState = 1
    this.dispatchEvent(Object.assign(new Event(name), fields))
  }
}

function connect(Socket: unknown = PlayedSocket, url = 'https://im.test/chat/') {
  const heard: unknown[] = []
  const target: LinkTarget = {
    url,
    token: 'a+b',
    clock: createTestClock(),
    direct: () => Promise.reject(new Error('a socket needs no HTTP')),
  }
  const link = websocketLink({ WebSocket: Socket as typeof WebSocket }).open(target, {
    opened: () => heard.push('opened'),
    frame: (frame) => heard.push(frame),
    closed: (code, reason) => heard.push([code, reason]),
  })
  const socket = PlayedSocket.made.at(-1)
  if (socket === undefined) throw new Error('no socket was made')
  return { link, socket, heard }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

describe('a WebSocket link', () => {
  it('dials /ws below the server’s address with the token, under nexo.v1', () => {
    const { socket } = connect()
    expect([socket.url, socket.protocol]).toEqual(['wss://im.test/chat/ws?token=a%2Bb', 'nexo.v1'])
    expect(connect(PlayedSocket, 'http://im.test:8080').socket.url).toBe('ws://im.test:8080/ws?token=a%2Bb')
  })

  it('carries text frames both ways once it is open', () => {
    const { link, socket, heard } = connect()
    link.send('too early')
    socket.play('open')
    link.send('hello')
    socket.play('message', { data: 'welcome' })
    socket.play('close', { code: 1012, reason: 'restart' })
    link.send('too late')
    socket.play('message', { data: 'too late' })
    expect(socket.sent).toEqual(['hello'])
    expect(heard).toEqual(['opened', 'welcome', [1012, 'restart']])
    expect(link.buffered).toBe(7)
  })

  it('is over at once when its owner closes it, whatever the network does', async () => {
    const { link, socket, heard } = connect()
    socket.play('open')
    link.close(4401, 'over')
    await turn()
    socket.play('close', { code: 1006, reason: '' })
    expect(socket.closes).toEqual([[4401, 'over']])
    expect(heard).toEqual(['opened', [4401, 'over']])
  })

  it('does not hand the platform a close code that only servers may use', async () => {
    const { link, socket, heard } = connect()
    socket.play('open')
    link.close(1012)
    await turn()
    expect(socket.closes).toEqual([[1000, '']])
    expect(heard).toEqual(['opened', [1012, '']])
  })

  it('closes, never within the call, where no socket can be made', async () => {
    class Forbidden {
      constructor() {
        throw new DOMException('blocked by policy', 'SecurityError')
      }
    }
    const { heard } = connect(Forbidden)
    expect(heard).toEqual([])
    await turn()
    expect(heard).toEqual([[1006, expect.stringContaining('blocked by policy')]])
  })
})
