import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manualClock } from '../../testing/clock.ts'
import { chatOf } from '../../testing/domain/chat.ts'
import { type Harness, startHarness } from '../../testing/harness.ts'
import { type Person, signUp } from '../../testing/wire.ts'

let server: Harness
let ann: Person
let bob: Person
let carl: Person
beforeAll(async () => {
  server = await startHarness()
  ;[ann, bob, carl] = (await Promise.all(['ann', 'bob', 'carl'].map((id) => signUp(server.url, id)))) as [
    Person,
    Person,
    Person,
  ]
})
afterAll(() => server.stop())

interface Sent {
  id: number
  seq: number
  content: Record<string, unknown>
}
let ids = 0
const body = (more: object): object => ({ client_msg_id: `t${ids++}`, recv_id: 'bob', msg_type: 1, ...more })
const post = (more: object) => ann.post<Sent>('/msg/send', body(more))

describe('sending', () => {
  it('answers the union message with its seq', async () => {
    const { data } = await post({ client_msg_id: 'first', content: { text: 'hi' } })
    expect(data).toMatchObject({
      conversation_id: 'si_ann:bob',
      client_msg_id: 'first',
      sender_id: 'ann',
      recv_id: 'bob',
      group_id: '',
      session_type: 1,
      msg_type: 1,
      content: { text: 'hi' },
      content_text: 'hi',
      content_image: '',
      content_custom: null,
      extra: null,
    })
    const message = data as unknown as Record<string, number>
    expect(message['server_msg_id']).toBe(message['id'])
    expect(message['created_at']).toBe(message['send_at'])
  })

  it.each([
    ['no target', { recv_id: '' }],
    ['both targets', { group_id: '1' }],
    ['a single session without recv_id', { recv_id: '', session_type: 1 }],
    ['a group session without group_id', { recv_id: '', session_type: 2 }],
    ['a group session with recv_id', { session_type: 2 }],
    ['another session type', { session_type: 3 }],
    ['no client_msg_id', { client_msg_id: '' }],
    ['a long client_msg_id', { client_msg_id: 'x'.repeat(65) }],
    ['an unknown type', { msg_type: 9 }],
    ['a type as text', { msg_type: '1' }],
    ['no content', { content: null }],
    ['content as text', { content: 'hi' }],
    ['empty text', { content: { text: '' } }],
    ['content of another type', { content: { image: 'x' } }],
    ['two contents', { content: { text: 'x', image: 'y' } }],
    ['a text of 65,536 bytes', { content: { text: 'é'.repeat(32_768) } }],
    ['a lone surrogate', { content: { text: '\ud800' } }],
  ])('refuses %s with 1001', async (_, more) => {
    expect(await post({ content: { text: 'hi' }, ...more })).toMatchObject({ status: 400, code: 1001 })
  })

  it('refuses an unknown recipient with 2006', async () => {
    expect(await post({ recv_id: 'ghost', content: { text: 'x' } })).toMatchObject({
      status: 404,
      code: 2006,
    })
  })

  it('to oneself is a chat with one push and no unread', async () => {
    const socket = await carl.socket()
    const { data } = await carl.post<Sent & { conversation_id: string }>('/msg/send', {
      client_msg_id: 'self',
      recv_id: 'carl',
      msg_type: 1,
      content: { text: 'note' },
    })
    expect(data.conversation_id).toBe('si_carl:carl')
    await expect.poll(() => socket.seen.filter((f) => f.id === 2001).length).toBe(1)
    const { data: count } = await carl.get<{ unread_count: number }>('/conversation/unread_count')
    expect(count.unread_count).toBe(0)
    await socket.close()
  })

  it('keeps hostile text byte for byte', async () => {
    const words = 'a\u0000b \u202eRTL\u202c 👨‍👩‍👧 𝒳 <script>\'"\\ __proto__ \r\n'
    const { data } = await post({ content: { text: words } })
    expect(data.content).toEqual({ text: words })
    const { data: page } = await bob.get<{ messages: Sent[] }>(
      `/msg/pull?conversation_id=si_ann:bob&begin_seq=${data.seq}&content=typed`,
    )
    expect(page.messages[0]?.content).toEqual({ text: { text: words } })
  })
})

describe('content', () => {
  const typed = async (seq: number): Promise<unknown> => {
    const path = `/msg/pull?conversation_id=si_ann:bob&begin_seq=${seq}&end_seq=${seq}&content=typed`
    return (await bob.get<{ messages: Sent[] }>(path)).data.messages[0]?.content
  }
  const cases: [string, number, object, object, object][] = [
    [
      'image, flat',
      2,
      { image: 'https://a/b.png' },
      { image: { url: 'https://a/b.png' } },
      { image: 'https://a/b.png' },
    ],
    [
      'image, typed',
      2,
      { image: { url: 'f1', width: 8 } },
      { image: { url: 'f1', width: 8 } },
      { image: 'f1', image_width: 8 },
    ],
    [
      'image, long keys',
      2,
      { image_url: 'u', thumbnail_url: 't' },
      { image: { url: 'u', thumbnail: 't' } },
      { image: 'u', thumbnail_url: 't' },
    ],
    [
      'video',
      3,
      { video: { url: 'v', duration: 1.5 } },
      { video: { url: 'v', duration: 1.5 } },
      { video: 'v', video_duration: 1.5 },
    ],
    [
      'voice',
      4,
      { audio: 'v', audio_waveform: [0, 0.5, 1] },
      { audio: { url: 'v', waveform: [0, 0.5, 1] } },
      { audio: 'v', audio_waveform: [0, 0.5, 1] },
    ],
    [
      'file',
      5,
      { file: { url: 'f', name: 'a.txt', size: 2 ** 40 } },
      { file: { url: 'f', name: 'a.txt', size: 2 ** 40 } },
      { file: 'f', file_name: 'a.txt', file_size: 2 ** 40 },
    ],
    [
      'location',
      6,
      { location: { latitude: -90, longitude: 180 } },
      { location: { latitude: -90, longitude: 180 } },
      {
        location: { latitude: -90, longitude: 180 },
        custom: '{"type":"location","data":"{\\"latitude\\":-90,\\"longitude\\":180}"}',
      },
    ],
    [
      'card',
      7,
      { card: { user_id: 'bob', name: 'Bob' } },
      { card: { user_id: 'bob', name: 'Bob' } },
      {
        card: { user_id: 'bob', name: 'Bob' },
        custom: '{"type":"card","data":"{\\"user_id\\":\\"bob\\",\\"name\\":\\"Bob\\"}"}',
      },
    ],
    [
      'custom, flat',
      100,
      { custom: '{ "a": 1 }' },
      { custom: { data: '{ "a": 1 }' } },
      { custom: '{ "a": 1 }' },
    ],
    [
      'custom, named',
      100,
      { custom: { type: 'poll', data: 'x' } },
      { custom: { type: 'poll', data: 'x' } },
      { custom: '{"type":"poll","data":"x"}', custom_type: 'poll', custom_data: 'x' },
    ],
  ]
  it.each(cases)(
    '%s is stored typed, shown flat, and an answer can be sent on as it is',
    async (_, type, given, stored, flat) => {
      const first = await post({ msg_type: type, content: given })
      expect(first.data?.content).toEqual(flat)
      expect(await typed(first.data.seq)).toEqual(stored)
      const again = await post({ msg_type: type, content: first.data.content })
      expect(again.code).toBe(0)
      expect(await typed(again.data.seq)).toEqual(stored)
    },
  )

  it.each([
    ['a javascript URL', 2, { image: 'javascript:alert(1)' }],
    ['no url', 2, { image: { width: 1 } }],
    ['a long url', 2, { image: `https://${'x'.repeat(2048)}` }],
    ['contradicting spellings', 2, { image: 'a', image_url: 'b' }],
    ['width as text', 2, { image: { url: 'a', width: '8' } }],
    ['a latitude out of range', 6, { location: { latitude: 91, longitude: 0 } }],
    ['a card of nobody', 7, { card: { name: 'x' } }],
    ['a card of two', 7, { card: { user_id: 'a', group_id: '1' } }],
    ['custom that is no JSON', 100, { custom: 'x' }],
    ['a waveform above 1', 4, { audio: { url: 'a', waveform: [2] } }],
    ['inline data', 2, { image: { data: 'aGk=' } }],
  ])('refuses %s with 1001', async (_, msg_type, content) => {
    expect(await post({ msg_type, content })).toMatchObject({ status: 400, code: 1001 })
  })

  it('quotes a visible message with a snapshot by the server, and nothing else', async () => {
    const { data: source } = await post({ content: { text: 'source' } })
    const quote = {
      seq: source.seq,
      text: 'yes',
      snapshot: { sender_id: 'eve', msg_type: 1, preview: 'forged' },
    }
    const { data } = await post({ msg_type: 8, content: { quote } })
    expect((data.content as { quote: object }).quote).toEqual({
      seq: source.seq,
      text: 'yes',
      snapshot: { sender_id: 'ann', msg_type: 1, preview: 'source' },
    })
    expect(await post({ msg_type: 8, content: { quote: { seq: 10_000 } } })).toMatchObject({
      status: 404,
      code: 4001,
    })
  })
})

describe('idempotency', () => {
  it('answers a repeat with the stored message, however it is spelled, and pushes once', async () => {
    const socket = await bob.socket()
    const first = await post({ client_msg_id: 'idem', content: { text: 'x' } })
    const flat = await post({ client_msg_id: 'idem', content: { text: 'x' } })
    const typed = await post({ client_msg_id: 'idem', session_type: 1, content: { text: { text: 'x' } } })
    expect(flat.data).toEqual(first.data)
    expect(typed.data).toEqual(first.data)
    await post({ client_msg_id: 'idem-end', content: { text: 'end' } })
    await expect.poll(() => socket.seen.filter((f) => f.id === 2001).length).toBe(2)
    await socket.close()
  })

  it('refuses another body or conversation under a used id with 4002 and changes nothing', async () => {
    const { data } = await post({ client_msg_id: 'used', content: { text: 'x' } })
    for (const change of [
      { content: { text: 'y' } },
      { recv_id: 'carl' },
      { msg_type: 2, content: { image: 'x' } },
    ]) {
      const answer = await post({ client_msg_id: 'used', content: { text: 'x' }, ...change })
      expect(answer).toMatchObject({ status: 409, code: 4002, data: null })
    }
    const { data: max } = await bob.get<{ max_seq: number }>('/msg/max_seq?conversation_id=si_ann:bob')
    expect(max.max_seq).toBe(data.seq)
  })

  it('stores one of a hundred equal sends at once and answers all with it', async () => {
    const sends = Array.from({ length: 100 }, () =>
      post({ client_msg_id: 'storm', content: { text: 'once' } }),
    )
    const answers = await Promise.all(sends)
    expect(new Set(answers.map((a) => a.data.id)).size).toBe(1)
    expect(answers.every((a) => a.code === 0)).toBe(true)
  })

  it('is per sender: two people may use one id', async () => {
    const mine = await post({ client_msg_id: 'shared', content: { text: 'x' } })
    const theirs = await bob.send({ recv_id: 'ann' }, 'x', 'shared')
    expect((theirs.data as Sent).id).not.toBe(mine.data.id)
  })

  it('tells a retry after leaving that its message was stored', async () => {
    const { data: group } = await ann.post<{ id: string }>('/group/create', {
      name: 'G',
      member_ids: ['bob'],
    })
    const first = await bob.send({ group_id: group.id }, 'x', 'before-leaving')
    await bob.post('/group/quit', { group_id: group.id })
    expect((await bob.send({ group_id: group.id }, 'x', 'before-leaving')).data).toEqual(first.data)
    expect((await bob.send({ group_id: group.id }, 'x', 'other')).code).toBe(3004)
  })
})

describe('pulling', () => {
  let group = ''
  const page = async (query: string): Promise<number[]> => {
    const answer = await ann.get<{ messages: Sent[] }>(`/msg/pull?conversation_id=sg_${group}${query}`)
    return answer.data.messages.map((m) => m.seq)
  }
  beforeAll(async () => {
    group = (await ann.post<{ id: string }>('/group/create', { name: 'Log' })).data.id
    for (let i = 1; i <= 130; i++) await ann.send({ group_id: group }, `n${i}`)
  })

  it('takes both ends inclusive, ascending, a hundred at most', async () => {
    expect(await page('&begin_seq=3&end_seq=5')).toEqual([3, 4, 5])
    expect(await page('')).toHaveLength(100)
    expect(await page('&limit=101')).toHaveLength(100)
    expect(await page('&limit=-3')).toHaveLength(100)
    expect(await page('&begin_seq=120')).toEqual([120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130])
    expect(await page('&begin_seq=5&end_seq=3')).toEqual([])
    expect(await page('&begin_seq=-9&end_seq=2')).toEqual([1, 2])
    expect(await page('&begin_seq=&end_seq=9223372036854775807&limit=2')).toEqual([1, 2])
  })

  it.each(['begin_seq=x', 'limit=1.5', 'end_seq=9223372036854775808', 'begin_seq=%zz', 'limit=1e3'])(
    'refuses %s with 1001',
    async (query) => {
      expect((await ann.get(`/msg/pull?conversation_id=sg_${group}&${query}`)).code).toBe(1001)
    },
  )

  it('by a list of seqs over a socket gives only those', async () => {
    const socket = await ann.socket()
    const ask = async (seq_list: unknown): Promise<unknown> => {
      const answer = await socket.ask(1002, { conversation_id: `sg_${group}`, seq_list })
      return answer.code === 0
        ? (answer.data as { messages: Sent[] }).messages.map((m) => m.seq)
        : answer.code
    }
    expect(await ask([7, 3, 4, 3, 999, 0])).toEqual([3, 4, 7])
    expect(await ask([])).toHaveLength(100)
    expect(await ask(Array.from({ length: 101 }, (_, i) => i))).toBe(1001)
    await socket.close()
  })
})

describe('the time of a message', () => {
  it('is never before that of the one in front of it, also when the clock is set back', async () => {
    const clock = manualClock()
    const chat = await chatOf({ clock })
    await chat.join('dora', 'emil')
    const first = await chat.send('dora', { recv_id: 'emil' }, 'in time')
    clock.advance(-3_600_000)
    const [second, third] = await Promise.all([
      chat.send('emil', { recv_id: 'dora' }, 'an hour ago'),
      chat.send('emil', { recv_id: 'dora' }, 'in the same batch'),
    ])
    expect([second.send_at, third.send_at]).toEqual([first.send_at, first.send_at])
    clock.advance(3_600_001)
    const fourth = await chat.send('dora', { recv_id: 'emil' }, 'later')
    expect(fourth.send_at).toBe(first.send_at + 1)
  })
})
