import type { ChangeSeen, Outcome, Standing } from '../checker/side-history.ts'
import { type Api, ApiError } from '../http.ts'
import { type Journal, microseconds } from './journal.ts'

/** What one user asks for beside messages; everything is written down. */
export interface Account {
  /** Rejects when the server does not answer: the chain of changes begins here. */
  begin(): Promise<void>
  /** Takes what changed since the page before. */
  follow(): Promise<void>
  /** The chain to its end, another one from 0, and the lists to compare them with. */
  conclude(): Promise<void>
  mark(conversationId: string, seq: number): Promise<void>
  state(conversationId: string): Promise<void>
  /** Who is in a group. */
  members(groupId: string): Promise<void>
  /** `user` comes or goes by what this account does. */
  move(op: 'join' | 'invite' | 'leave' | 'kick', groupId: string, user: string): Promise<Answer>
}

export interface AccountParts {
  readonly userId: string
  readonly api: Api
  readonly journal: Journal
  /** It changes where people sign in again. */
  token(): string
}

export interface Answer {
  readonly outcome: Outcome
  /** Of a refusal. */
  readonly code?: number
}

/** Answers that leave open whether something was done. */
const doubtful: ReadonlySet<number> = new Set([-1, 1002, 4005])
const nobodyThere: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT', 'EHOSTUNREACH'])
const moves = {
  join: '/group/join',
  invite: '/group/invite',
  leave: '/group/quit',
  kick: '/group/kick',
} as const

/** Why something was not done, or may have been. */
export function outcomeOf(error: unknown): Answer {
  if (error instanceof ApiError)
    return { outcome: doubtful.has(error.code) ? 'unknown' : 'fail', code: error.code }
  return { outcome: nobodyThere.has(String((error as NodeJS.ErrnoException).code)) ? 'fail' : 'unknown' }
}

/** Asks for something that changes a thing. */
export async function attempted(work: () => Promise<unknown>): Promise<Answer> {
  try {
    await work()
    return { outcome: 'ok' }
  } catch (error) {
    return outcomeOf(error)
  }
}

export function openAccount(parts: AccountParts): Account {
  const { userId, api, journal, token } = parts
  const chain = chainOf(parts)
  const list = async (when: 'first' | 'final'): Promise<void> => {
    const invoked = microseconds()
    const found = await api.ask<Standing[]>(token(), 'GET', '/conversation/all')
    const conversations = found.map(standingOf)
    journal.write({ op: 'list', args: { when }, result: { conversations } }, invoked)
  }
  return {
    begin: async () => {
      const from = await chain.present()
      await list('first')
      chain.keep(from)
    },
    follow: chain.follow,
    conclude: async () => {
      await chain.follow()
      await chain.whole()
      await list('final')
    },
    mark: async (conversation_id, read_seq) => {
      const invoked = microseconds()
      const args = { conversation_id, read_seq }
      const result = await attempted(() => api.ask(token(), 'POST', '/conversation/mark_read', args))
      journal.write({ op: 'mark', args, result }, invoked)
    },
    state: async (conversation_id) => {
      const invoked = microseconds()
      const query = `conversation_id=${encodeURIComponent(conversation_id)}`
      const told = await api.ask<Standing>(token(), 'GET', `/conversation/max_read_seq?${query}`)
      const result = standingOf({ ...told, conversation_id })
      journal.write({ op: 'state', args: { conversation_id }, result }, invoked)
    },
    members: async (groupId) => {
      const invoked = microseconds()
      const path = `/group/members?group_id=${encodeURIComponent(groupId)}`
      const found = await api.ask<{ readonly user_id: string }[]>(token(), 'GET', path)
      const users = found.map(({ user_id }) => user_id)
      journal.write({ op: 'members', args: { conversation_id: `sg_${groupId}` }, result: { users } }, invoked)
    },
    move: async (op, groupId, user) => {
      const invoked = microseconds()
      const data = { group_id: groupId, ...(user === userId ? {} : { user_ids: [user] }) }
      const result = await attempted(() => moved(api, token(), op, data))
      journal.write({ op, args: { conversation_id: `sg_${groupId}`, user }, result }, invoked)
      return result
    },
  }
}

/** An invitation answers for each of those invited. */
async function moved(api: Api, token: string, op: keyof typeof moves, data: object): Promise<void> {
  const answer = await api.ask<{ readonly refused?: readonly unknown[] } | null>(
    token,
    'POST',
    moves[op],
    data,
  )
  if ((answer?.refused?.length ?? 0) > 0) throw new ApiError(moves[op], 200, 3005, 'refused')
}

interface Chain {
  present(): Promise<string>
  keep(position: string): void
  follow(): Promise<void>
  whole(): Promise<void>
}

interface ChangePage {
  readonly position: string
  readonly has_more: boolean
  readonly changes: readonly {
    readonly position: number
    readonly conversation?: Standing
    readonly member?: { readonly group_id: string; readonly status: number }
  }[]
}

function chainOf({ api, journal, token }: AccountParts): Chain {
  let kept: string | undefined
  const page = async (chain: 'kept' | 'whole', position: string | undefined): Promise<ChangePage> => {
    const invoked = microseconds()
    const args = { chain, ...(position !== undefined && { position }) }
    try {
      const query = position === undefined ? '' : `?position=${encodeURIComponent(position)}`
      const found = await api.ask<ChangePage>(token(), 'GET', `/sync/changes${query}`)
      const { has_more } = found
      const changes = found.changes.flatMap(seenOf)
      const result = { outcome: 'ok' as const, position: found.position, has_more, changes }
      journal.write({ op: 'sync', args, result }, invoked)
      return found
    } catch (error) {
      const code = error instanceof ApiError ? error.code : -1
      journal.write({ op: 'sync', args, result: { outcome: 'fail', code } }, invoked)
      throw error
    }
  }
  const toEnd = async (
    chain: 'kept' | 'whole',
    from: string,
    reached: (at: string) => void,
  ): Promise<void> => {
    for (let position = from; ; ) {
      const found = await page(chain, position)
      ;({ position } = found)
      reached(position)
      if (!found.has_more) return
    }
  }
  return {
    present: async () => (await page('kept', undefined)).position,
    keep: (position) => {
      kept = position
    },
    follow: async () => {
      if (kept !== undefined) await toEnd('kept', kept, (at) => (kept = at))
    },
    whole: () => toEnd('whole', '0', () => undefined),
  }
}

const active = 1

function seenOf({ position, conversation, member }: ChangePage['changes'][number]): ChangeSeen[] {
  if (conversation) return [{ position, conversation: standingOf(conversation) }]
  if (member)
    return [
      { position, member: { conversation_id: `sg_${member.group_id}`, is_in: member.status === active } },
    ]
  return [{ position }]
}

function standingOf(told: Standing): Standing {
  const { conversation_id, max_seq, read_seq, unread_count, min_seq } = told
  return { conversation_id, max_seq, read_seq, unread_count, ...(min_seq !== undefined && { min_seq }) }
}
