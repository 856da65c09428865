import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Ack, Event, Plan, Pull, Push, Send, Sighting } from './history.ts'
import { readHistories } from './history.ts'
import { judge } from './judge.ts'

const chat = 'si_ann:bob'
const group = 'sg_1'
const membersOf: Readonly<Record<string, readonly string[]>> = {
  [chat]: ['ann', 'bob'],
  [group]: ['ann', 'bob', 'cid'],
}

/** A history that can still be changed: one list for each kind of line. */
interface Story {
  sends: Send[]
  acks: Ack[]
  pushes: Push[]
  pulls: Pull[]
  logs: Map<string, Sighting[]>
  plans: Map<string, Plan['result']>
}

function sighting(client: string, id: string, conversation: string, seq: number): Sighting {
  const place = {
    conversation_id: conversation,
    seq,
    server_msg_id: (conversation === chat ? 100 : 200) + seq,
  }
  return { ...place, client_msg_id: id, sender_id: client, send_at: 1000 + seq, text: `text of ${id}` }
}

let clock = 0

function send(client: string, id: string, conversation: string, attempt = 1): Send {
  const args = {
    client_msg_id: id,
    conversation_id: conversation,
    text: `text of ${id}`,
    attempt,
    via: 'ws' as const,
  }
  return { t_invoke: ++clock, t_return: null, client, op: 'send', args, result: null }
}

function ack(client: string, id: string, result: Ack['result'], attempt = 1): Ack {
  return {
    t_invoke: clock,
    t_return: ++clock,
    client,
    op: 'ack',
    args: { client_msg_id: id, attempt },
    result,
  }
}

function push(client: string, conn: string, result: Push['result']): Push {
  return { t_invoke: clock, t_return: ++clock, client, op: 'push', args: { conn }, result }
}

/** Three messages in the single chat, two in the group, one refused; all pushed, one pulled, all read. */
function cleanStory(): Story {
  clock = 0
  const rows = [
    ['ann', 'a1', chat, 1],
    ['bob', 'b1', chat, 2],
    ['ann', 'a2', chat, 3],
    ['cid', 'c1', group, 1],
    ['bob', 'b2', group, 2],
  ] as const
  const story: Story = { sends: [], acks: [], pushes: [], pulls: [], logs: new Map(), plans: new Map() }
  for (const [client, id, conversation, seq] of rows) {
    const message = sighting(client, id, conversation, seq)
    story.sends.push(send(client, id, conversation))
    story.acks.push(ack(client, id, { outcome: 'ok', message }))
    for (const member of membersOf[conversation] ?? []) {
      story.pushes.push(push(member, `${member}-1`, { messages: [message] }))
      const log = story.logs.get(`${member} ${conversation}`) ?? []
      story.logs.set(`${member} ${conversation}`, [...log, message])
    }
  }
  story.sends.push(send('cid', 'c2', group))
  story.acks.push(ack('cid', 'c2', { outcome: 'fail', code: 3004 }))
  story.plans.set('ann', { planned: 2, acked: 2, refused: 0, unknown: 0 })
  story.plans.set('bob', { planned: 2, acked: 2, refused: 0, unknown: 0 })
  story.plans.set('cid', { planned: 2, acked: 1, refused: 1, unknown: 0 })
  return story
}

function told(story: Story): Event[] {
  const at = { t_invoke: 900, t_return: 901 }
  const reads = [...story.logs].map(([name, messages]): Event => {
    const [client = '', conversation_id = ''] = name.split(' ')
    const result = { outcome: 'ok' as const, messages, max_seq: messages.at(-1)?.seq ?? 0 }
    return { ...at, client, op: 'read', args: { conversation_id, begin_seq: 1 }, result }
  })
  const plans = [...story.plans].map(([client, result]): Event => {
    const conversations = Object.keys(membersOf).filter((id) => membersOf[id]?.includes(client))
    return { ...at, client, op: 'plan', args: { conversations }, result }
  })
  return [...story.sends, ...story.acks, ...story.pushes, ...story.pulls, ...reads, ...plans]
}

/** Ids of the rules that a story breaks. */
function broken(plant: (story: Story) => void): string[] {
  const story = cleanStory()
  plant(story)
  const { pass, rulings } = judge(told(story))
  const ids = rulings.filter((ruling) => ruling.violations > 0).map((ruling) => ruling.id)
  expect(pass).toBe(ids.length === 0)
  return ids
}

function editLogs(
  story: Story,
  edit: (messages: Sighting[], reader: string, conversation: string) => Sighting[],
): void {
  for (const [name, messages] of story.logs) {
    const [reader = '', conversation = ''] = name.split(' ')
    story.logs.set(name, edit(messages, reader, conversation))
  }
}

const without = (id: string) => (messages: Sighting[]) => messages.filter((m) => m.client_msg_id !== id)

test('a clean history passes, and every rule about messages looked at something', () => {
  const { pass, rulings, figures } = judge(told(cleanStory()))
  expect(pass).toBe(true)
  const idle = rulings.filter((ruling) => ruling.cases === 0).map(({ id }) => id)
  expect(idle).toEqual(['I9', 'I10', 'I11', 'I12', 'I15', 'I16'])
  expect(figures).toEqual({
    sent: 6,
    attempts: 6,
    acked: 5,
    refused: 1,
    unknown: 0,
    lost: 0,
    duplicates: 0,
    gaps: 0,
  })
})

test('a lost ack at the end of a log is caught', () => {
  expect(broken((story) => editLogs(story, without('a2')))).toEqual(expect.arrayContaining(['I1', 'I6']))
})

test('an acked message that only one of two sides holds is caught', () => {
  const plant = (story: Story): void =>
    editLogs(story, (messages, reader) => (reader === 'bob' ? without('a2')(messages) : messages))
  expect(broken(plant)).toEqual(['I1'])
})

test('an acked message with one byte changed is caught', () => {
  const plant = (story: Story): void =>
    editLogs(story, (messages) =>
      messages.map((m) => (m.client_msg_id === 'b2' ? { ...m, text: 'text of b3' } : m)),
    )
  expect(broken(plant)).toEqual(expect.arrayContaining(['I1', 'I2', 'I6']))
})

test('an invented message is caught', () => {
  const plant = (story: Story): void =>
    editLogs(story, (messages, _, id) =>
      id === chat ? [...messages, sighting('bob', 'ghost', chat, 4)] : messages,
    )
  expect(broken(plant)).toEqual(['I2'])
})

test('a message in the wrong conversation is caught', () => {
  const plant = (story: Story): void => {
    story.sends = story.sends.map((s) =>
      s.args.client_msg_id === 'b2' ? { ...s, args: { ...s.args, conversation_id: chat } } : s,
    )
  }
  expect(broken(plant)).toEqual(expect.arrayContaining(['I1', 'I2']))
})

test('a duplicate record is caught', () => {
  const again = { ...sighting('ann', 'a1', chat, 4), server_msg_id: 999 }
  const plant = (story: Story): void =>
    editLogs(story, (messages, _, id) => (id === chat ? [...messages, again] : messages))
  expect(broken(plant)).toContain('I3')
})

test('two acks of one id that differ are caught', () => {
  const plant = (story: Story): void => {
    story.sends.push(send('ann', 'a1', chat, 2))
    story.acks.push(
      ack('ann', 'a1', { outcome: 'ok', message: { ...sighting('ann', 'a1', chat, 1), send_at: 1 } }, 2),
    )
  }
  expect(broken(plant)).toContain('I3')
})

test('a retry that is acked with the same message is fine', () => {
  const plant = (story: Story): void => {
    story.sends.push(send('ann', 'a1', chat, 2))
    story.acks.push(ack('ann', 'a1', { outcome: 'ok', message: sighting('ann', 'a1', chat, 1) }, 2))
  }
  expect(broken(plant)).toEqual([])
})

test('a gap in the seqs is caught, and measured', () => {
  const story = cleanStory()
  editLogs(story, without('b1'))
  story.acks = story.acks.filter((a) => a.args.client_msg_id !== 'b1')
  const { rulings, figures } = judge(told(story))
  expect(rulings.find((ruling) => ruling.id === 'I4')?.violations).toBe(2)
  expect(figures.gaps).toBe(2)
})

test('a reused seq is caught in the log', () => {
  const twin = { ...sighting('bob', 'b1', chat, 1), server_msg_id: 102 }
  const plant = (story: Story): void =>
    editLogs(story, (messages) => messages.map((m) => (m.client_msg_id === 'b1' ? twin : m)))
  expect(broken(plant)).toContain('I4')
})

test('a seq that was acked for two messages is caught, even when one of them vanished', () => {
  const plant = (story: Story): void => {
    story.sends.push(send('cid', 'c3', group))
    story.acks.push(
      ack('cid', 'c3', { outcome: 'ok', message: { ...sighting('cid', 'c3', group, 2), server_msg_id: 7 } }),
    )
    story.plans.set('cid', { planned: 3, acked: 2, refused: 1, unknown: 0 })
  }
  expect(broken(plant)).toEqual(expect.arrayContaining(['I1', 'I4', 'I6']))
})

test('seqs that run against real time are caught', () => {
  const swap = (m: Sighting): Sighting => {
    const seq = m.conversation_id === group ? 3 - m.seq : m.seq
    return {
      ...m,
      seq,
      send_at: 1000 + seq,
      server_msg_id: m.conversation_id === group ? 200 + seq : m.server_msg_id,
    }
  }
  const plant = (story: Story): void => {
    editLogs(story, (messages) => messages.map(swap).toSorted((a, b) => a.seq - b.seq))
    story.pushes = []
    story.acks = story.acks.map((a) =>
      a.result.outcome === 'ok' ? { ...a, result: { outcome: 'ok', message: swap(a.result.message) } } : a,
    )
  }
  expect(broken(plant)).toEqual(['I5'])
})

for (const field of ['server_msg_id', 'send_at', 'text', 'sender_id'] as const) {
  test(`a push that tells another ${field} is caught`, () => {
    const value = field === 'text' || field === 'sender_id' ? 'bob?' : 5
    const plant = (story: Story): void => {
      story.pushes[0] = push('ann', 'ann-1', {
        messages: [{ ...sighting('ann', 'a1', chat, 1), [field]: value }],
      })
    }
    expect(broken(plant)).toEqual(['I6'])
  })
}

test('a pull that shows a message which later is not there is caught', () => {
  const plant = (story: Story): void => {
    const result = { outcome: 'ok' as const, messages: [sighting('ann', 'a9', chat, 9)], max_seq: 9 }
    const args = { conversation_id: chat, begin_seq: 9 }
    story.pulls.push({ t_invoke: 1, t_return: 2, client: 'bob', op: 'pull', args, result })
  }
  expect(broken(plant)).toEqual(['I6'])
})

test('two messages with one server id are caught', () => {
  const clash = (m: Sighting): Sighting =>
    m.conversation_id === group ? { ...m, server_msg_id: 100 + m.seq } : m
  const plant = (story: Story): void => {
    editLogs(story, (messages) => messages.map(clash))
    story.pushes = []
    story.acks = story.acks.map((a) =>
      a.result.outcome === 'ok' ? { ...a, result: { outcome: 'ok', message: clash(a.result.message) } } : a,
    )
  }
  expect(broken(plant)).toEqual(['I6'])
})

test('a hole in the pushes of a connection is caught', () => {
  const plant = (story: Story): void => {
    const isSecond = (p: Push): boolean =>
      'messages' in p.result && p.result.messages[0]?.client_msg_id === 'b1'
    story.pushes = story.pushes.filter((p) => !(p.client === 'ann' && isSecond(p)))
  }
  expect(broken(plant)).toEqual(['I7'])
})

test('a hole that a resync notice announces is fine', () => {
  const plant = (story: Story): void => {
    story.pushes = story.pushes.map((p) =>
      p.client === 'ann' && 'messages' in p.result && p.result.messages[0]?.client_msg_id === 'b1'
        ? push('ann', 'ann-1', { resync: { [chat]: 2 } })
        : p,
    )
  }
  expect(broken(plant)).toEqual([])
})

test('a push that comes a second time on one connection is caught', () => {
  const plant = (story: Story): void => {
    story.pushes.push(push('ann', 'ann-1', { messages: [sighting('ann', 'a1', chat, 1)] }))
  }
  expect(broken(plant)).toEqual(['I7'])
})

test('the same push on a new connection is fine', () => {
  const plant = (story: Story): void => {
    story.pushes.push(push('ann', 'ann-2', { messages: [sighting('ann', 'a1', chat, 1)] }))
  }
  expect(broken(plant)).toEqual([])
})

test('a refused message that is stored nevertheless is caught', () => {
  const plant = (story: Story): void =>
    editLogs(story, (messages, _, id) =>
      id === group ? [...messages, sighting('cid', 'c2', group, 3)] : messages,
    )
  expect(broken(plant)).toEqual(['I8'])
})

test('a message may be stored when one of its attempts was never answered', () => {
  const plant = (story: Story): void => {
    story.sends.push(send('cid', 'c2', group, 2))
    editLogs(story, (messages, _, id) =>
      id === group ? [...messages, sighting('cid', 'c2', group, 3)] : messages,
    )
    story.plans.set('cid', { planned: 2, acked: 1, refused: 0, unknown: 1 })
  }
  expect(broken(plant)).toEqual([])
})

test('a server time that falls within a conversation is caught', () => {
  const early = (m: Sighting): Sighting => (m.client_msg_id === 'a2' ? { ...m, send_at: 3 } : m)
  const plant = (story: Story): void => {
    editLogs(story, (messages) => messages.map(early))
    story.pushes = []
    story.acks = story.acks.filter((a) => a.args.client_msg_id !== 'a2')
    story.plans.set('ann', { planned: 2, acked: 1, refused: 0, unknown: 1 })
  }
  expect(broken(plant)).toEqual(['I13'])
})

test('counts that are off are caught', () => {
  const plans = [
    { planned: 3, acked: 2, refused: 0, unknown: 0 },
    { planned: 2, acked: 1, refused: 0, unknown: 1 },
    { planned: 2, acked: 1, refused: 1, unknown: 0 },
  ]
  for (const plan of plans) expect(broken((story) => story.plans.set('ann', plan))).toEqual(['I14'])
})

test('an ack for something that was never sent is caught', () => {
  const plant = (story: Story): void => {
    story.acks.push(ack('bob', 'nothing', { outcome: 'fail', code: 1001 }))
  }
  expect(broken(plant)).toEqual(['I14'])
})

test('two answers to one attempt are caught', () => {
  const plant = (story: Story): void => {
    story.acks.push(ack('ann', 'a1', { outcome: 'ok', message: sighting('ann', 'a1', chat, 1) }))
  }
  expect(broken(plant)).toEqual(['I14'])
})

test('a member who never read at the end proves nothing, and that is caught', () => {
  expect(broken((story) => story.logs.delete(`cid ${group}`))).toEqual(['I1'])
})

test('an empty history does not pass', () => {
  expect(judge([]).pass).toBe(false)
})

test('histories are read from all files of a folder, and a broken line is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'checker-'))
  try {
    const lines = told(cleanStory()).map((event) => JSON.stringify(event))
    writeFileSync(join(folder, 'b.jsonl'), `${lines.slice(0, 9).join('\n')}\n`)
    writeFileSync(join(folder, 'a.jsonl'), `${lines.slice(9).join('\n')}\n`)
    expect(judge(readHistories(folder)).pass).toBe(true)
    writeFileSync(join(folder, 'c.jsonl'), '{"op":\n')
    expect(() => readHistories(folder)).toThrow('c.jsonl, line 1')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
