import { fc, test } from '@fast-check/vitest'
import { afterAll, beforeAll, expect } from 'vitest'
import { type Harness, startHarness } from '../../testing/harness.ts'
import { type Person, signUp } from '../../testing/wire.ts'

/**
 * Properties over random histories of one group: order, idempotency, visibility, unread. The model is what a person
 * would expect: a list of messages, and for each user the stretches during which they were in.
 */
let server: Harness
const people: Person[] = []
beforeAll(async () => {
  server = await startHarness({ config: { 'limits.sends_per_minute': 1e9 } })
  for (const id of ['owner', 'u1', 'u2', 'u3']) people.push(await signUp(server.url, id))
})
afterAll(() => server.stop())

type Step = {
  readonly who: number
  readonly what: 'send' | 'repeat' | 'join' | 'quit' | 'read' | 'sendTwice'
}
const step: fc.Arbitrary<Step> = fc.record({
  who: fc.nat(3),
  what: fc.constantFrom('send', 'send', 'repeat', 'join', 'quit', 'read', 'sendTwice'),
})

interface Membership {
  from: number
  to: number | undefined
  read: number
}

let run = 0

test.prop([fc.array(step, { minLength: 5, maxLength: 40 })], { numRuns: 25 })(
  'everybody sees exactly the messages of their own stay, in order, once, and unread counts them',
  async (steps) => {
    run += 1
    const [owner] = people as [Person]
    const { data: group } = await owner.post<{ id: string }>('/group/create', { name: 'P' })
    const log: string[] = []
    const stays = new Map<number, Membership>([[0, { from: 1, to: undefined, read: 0 }]])
    const last = new Map<number, string>()
    for (const [at, { who, what }] of steps.entries()) {
      await act(at, people[who] as Person, who, what)
    }
    for (const [who, person] of people.entries()) await compare(person, stays.get(who))

    async function act(at: number, person: Person, who: number, what: Step['what']): Promise<void> {
      const stay = stays.get(who)
      const active = stay !== undefined && stay.to === undefined
      const target = { group_id: group.id }
      if (what === 'send' || what === 'sendTwice') {
        const id = `r${run}-${at}`
        const sends = [
          person.send(target, id, id),
          ...(what === 'sendTwice' ? [person.send(target, id, id)] : []),
        ]
        for (const answer of await Promise.all(sends))
          expect(answer.code).toBe(active ? 0 : stay ? 3004 : 3003)
        if (!active) return
        log.push(id)
        stay.read = log.length
        last.set(who, id)
      } else if (what === 'repeat') {
        const id = last.get(who)
        if (id === undefined) return
        expect(await person.send(target, id, id)).toMatchObject({
          code: 0,
          data: { seq: log.indexOf(id) + 1 },
        })
      } else if (what === 'join') {
        const { code } = await person.post('/group/join', target)
        expect(code).toBe(active ? 3005 : 0)
        if (!active) stays.set(who, { from: log.length + 1, to: undefined, read: log.length })
      } else if (what === 'quit') {
        const { code } = await person.post('/group/quit', target)
        expect(code).toBe(who === 0 ? 3008 : active ? 0 : 3003)
        if (who !== 0 && active) stay.to = log.length
      } else {
        const upTo = Math.ceil(log.length / 2)
        const mark = { conversation_id: `sg_${group.id}`, read_seq: upTo }
        expect((await person.post('/conversation/mark_read', mark)).code).toBe(stay ? 0 : 1007)
        if (stay) stay.read = Math.max(stay.read, Math.min(upTo, stay.to ?? log.length))
      }
    }

    async function compare(person: Person, stay: Membership | undefined): Promise<void> {
      const id = `sg_${group.id}`
      const answer = await person.get<{ messages: { client_msg_id: string }[] }>(
        `/msg/pull?conversation_id=${id}`,
      )
      if (!stay) return expect(answer.code).toBe(1007)
      const to = stay.to ?? log.length
      expect(answer.data.messages.map((m) => m.client_msg_id)).toEqual(log.slice(stay.from - 1, to))
      const { data } = await person.get<{ unread_count: number }>(
        `/conversation/unread_count?conversation_id=${id}`,
      )
      expect(data.unread_count).toBe(Math.max(0, to - Math.max(stay.read, stay.from - 1)))
    }
  },
)
