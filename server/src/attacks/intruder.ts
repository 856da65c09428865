import type { Person } from '../testing/wire.ts'
import { bodyMark, startTarget, type Target } from './target.ts'

/** Ann and Bob have a private group and a chat; Eve is signed in and in neither. */
export interface Scene {
  readonly target: Target
  readonly ann: Person
  readonly bob: Person
  readonly eve: Person
  readonly group: string
  /** A message to be sent, under an id of its own. */
  text(to: object, content?: object, more?: object): object
}

export const chat = 'si_ann:bob'
export const groupName = 'Surprise for Eve'
export const words = `meet at nine ${bodyMark}`
const remark = 'owes me money'

/** What of theirs Eve may never read, whatever she asks, and which of it an answer holds. */
const canaries = [bodyMark, groupName, remark, '🤫']
export const leaksOf = (answer: unknown): string[] =>
  canaries.filter((canary) => JSON.stringify(answer).includes(canary))

export async function openScene(): Promise<Scene> {
  const target = await startTarget()
  const [ann, bob, eve] = [await target.person('ann'), await target.person('bob'), await target.person('eve')]
  let sent = 0
  const text: Scene['text'] = (to, content = { text: words }, more = {}) => ({
    client_msg_id: `x${sent++}`,
    msg_type: 1,
    content,
    ...to,
    ...more,
  })
  const founding = { name: groupName, is_private: true, join_mode: 2, member_ids: ['bob'] }
  const group = (await ann.post<{ id: string }>('/group/create', founding)).data.id
  for (const to of [{ group_id: group }, { recv_id: 'bob' }]) await ann.post('/msg/send', text(to))
  await ann.post('/group/announce', { group_id: group, text: words })
  await ann.put('/friend/remark', { user_id: 'bob', remark })
  const first = { conversation_id: chat, seq: 1 }
  await bob.post('/msg/react', { ...first, emoji: '🤫' })
  await ann.post('/msg/edit', { ...first, content: { text: `${words}, not at eight` } })
  await ann.post('/msg/pin', { conversation_id: `sg_${group}`, seq: 1 })
  return { target, ann, bob, eve, group, text }
}
