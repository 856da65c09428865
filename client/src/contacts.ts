import { type FriendRequest, type Member, type Privacy, type Relation, requestState } from '@nexo-im/protocol'
import type { FriendRequests } from './api.ts'
import type { Call } from './call.ts'
import { mayPass } from './passing.ts'

/** Pages of lists that are loaded whole. */
const limit = 1000

/** One thing that is asked for when somebody looks at it, and kept fresh by changes from then on. */
interface Lazy<T> {
  value?: T
  /** Whether anybody ever asked for it. */
  wanted: boolean
  loading?: Promise<void>
  /** Changes that came while it was on its way. */
  readonly later: ((value: T) => T)[]
}

const lazy = <T>(): Lazy<T> => ({ wanted: false, later: [] })

export interface ContactsParts {
  readonly me: string
  readonly call: Call
  readonly touched: () => void
}

/** What the account holds of others: friends, blocked ones, requests; its privacy; its place in groups. */
export class Contacts {
  readonly #parts: ContactsParts
  readonly #relations = lazy<ReadonlyMap<string, Relation>>()
  readonly #requests = lazy<FriendRequests>()
  readonly #privacy = lazy<Privacy>()
  readonly #members = new Map<string, Lazy<Member | undefined>>()

  constructor(parts: ContactsParts) {
    this.#parts = parts
  }

  relations(): ReadonlyMap<string, Relation> | undefined {
    this.#want(this.#relations, this.#loadRelations)
    return this.#relations.value
  }

  requests(): FriendRequests | undefined {
    this.#want(this.#requests, this.#loadRequests)
    return this.#requests.value
  }

  privacy(): Privacy | undefined {
    this.#want(this.#privacy, this.#loadPrivacy)
    return this.#privacy.value
  }

  member(groupId: string): Member | undefined {
    if (groupId === '') return undefined
    const known = this.#memberOf(groupId)
    this.#want(known, () => this.#loadMember(groupId))
    return known.value
  }

  /** Resolve when it is there; reject when the server cannot be asked. */
  loadRelations(): Promise<void> {
    return this.#load(this.#relations, this.#loadRelations)
  }

  loadRequests(): Promise<void> {
    return this.#load(this.#requests, this.#loadRequests)
  }

  loadPrivacy(): Promise<void> {
    return this.#load(this.#privacy, this.#loadPrivacy)
  }

  putRelation(relation: Relation): void {
    const { user_id: id, is_friend, is_blocked, remark } = relation
    this.#change(this.#relations, (relations) => {
      const next = new Map(relations)
      const user = relation.user ?? relations.get(id)?.user
      if (is_friend || is_blocked || remark !== '') next.set(id, { ...relation, ...(user && { user }) })
      else next.delete(id)
      return next
    })
  }

  putRequest(request: FriendRequest): void {
    const { from_id: from, to_id: to, state } = request
    this.#change(this.#requests, (requests) => {
      const side = to === this.#parts.me ? 'incoming' : 'outgoing'
      const others = requests[side].filter((r) => r.from_id !== from || r.to_id !== to)
      const next = state === requestState.pending ? [...others, request] : others
      return { ...requests, [side]: next.sort((a, b) => a.created_at - b.created_at) }
    })
  }

  putPrivacy(privacy: Privacy): void {
    this.#change(this.#privacy, () => privacy)
  }

  putMember(member: Member): void {
    const known = this.#members.get(member.group_id)
    if (known) this.#change(known, () => member)
  }

  /** Asks again for the own membership, if anybody ever looked at it. */
  refreshMember(groupId: string): void {
    const known = this.#members.get(groupId)
    if (known?.wanted) this.#ask(known, () => this.#loadMember(groupId)).catch(() => undefined)
  }

  /** A link is open: what was looked for in vain may be found now. */
  online(): void {
    this.#each((thing, load) => this.#want(thing, load))
  }

  /** What is held may be of another time: asks for all of it again. */
  reload(): void {
    this.#each((thing, load) => {
      if (thing.wanted) this.#ask(thing, load).catch(() => undefined)
    })
  }

  #each(visit: <T>(thing: Lazy<T>, load: () => Promise<T>) => void): void {
    if (this.#relations.wanted) visit(this.#relations, this.#loadRelations)
    if (this.#requests.wanted) visit(this.#requests, this.#loadRequests)
    if (this.#privacy.wanted) visit(this.#privacy, this.#loadPrivacy)
    for (const [id, thing] of this.#members) if (thing.wanted) visit(thing, () => this.#loadMember(id))
  }

  #memberOf(groupId: string): Lazy<Member | undefined> {
    const known = this.#members.get(groupId) ?? lazy<Member | undefined>()
    this.#members.set(groupId, known)
    return known
  }

  #want<T>(thing: Lazy<T>, load: () => Promise<T>): void {
    if (!('value' in thing) && thing.loading === undefined) this.#load(thing, load).catch(() => undefined)
  }

  #load<T>(thing: Lazy<T>, load: () => Promise<T>): Promise<void> {
    return 'value' in thing ? Promise.resolve() : this.#ask(thing, load)
  }

  #ask<T>(thing: Lazy<T>, load: () => Promise<T>): Promise<void> {
    thing.wanted = true
    thing.loading ??= load()
      .then((value) => {
        // The answer may be older than the changes that came before it.
        thing.value = thing.later.reduce((held, change) => change(held), value)
        this.#parts.touched()
      })
      .finally(() => {
        delete thing.loading
        thing.later.length = 0
      })
    return thing.loading
  }

  #change<T>(thing: Lazy<T>, change: (value: T) => T): void {
    if (thing.loading) thing.later.push(change)
    if (!('value' in thing)) return
    thing.value = change(thing.value as T)
    this.#parts.touched()
  }

  readonly #loadRelations = async (): Promise<ReadonlyMap<string, Relation>> => {
    const { call } = this.#parts
    const [friends, blocked] = await Promise.all([
      whole((page) => call('friend.list', page)),
      whole((page) => call('block.list', page)),
    ])
    return new Map([...friends, ...blocked].map((relation) => [relation.user_id, relation]))
  }

  readonly #loadRequests = async (): Promise<FriendRequests> => {
    const { call } = this.#parts
    const [incoming, outgoing] = await Promise.all([
      whole((page) => call('friend.requests', { direction: 'in', ...page })),
      whole((page) => call('friend.requests', { direction: 'out', ...page })),
    ])
    const pending = (all: readonly FriendRequest[]): FriendRequest[] =>
      all.filter((r) => r.state === requestState.pending).sort((a, b) => a.created_at - b.created_at)
    return { incoming: pending(incoming), outgoing: pending(outgoing) }
  }

  readonly #loadPrivacy = (): Promise<Privacy> => this.#parts.call('privacy.get', {})

  async #loadMember(groupId: string): Promise<Member | undefined> {
    try {
      return await this.#parts.call('group.member', { group_id: groupId, user_id: this.#parts.me })
    } catch (thrown) {
      if (mayPass(thrown)) throw thrown
      return undefined
    }
  }
}

async function whole<T>(
  ask: (page: { limit: number; cursor?: string }) => Promise<{ list: T[]; next_cursor?: string }>,
): Promise<T[]> {
  const all: T[] = []
  let cursor: string | undefined
  do {
    const page = await ask({ limit, ...(cursor !== undefined && { cursor }) })
    all.push(...page.list)
    cursor = page.next_cursor
  } while (cursor !== undefined)
  return all
}
