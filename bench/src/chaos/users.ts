import { openApi } from '../http.ts'
import { inParallel } from '../parallel.ts'
import { singleChat } from '../scenarios/accounts.ts'
import type { ChaosUser, Talk, Visitors } from './setup.ts'

const password = 'chaos-only-password'

export interface SignedIn {
  readonly userId: string
  readonly token: string
}

/** Registers these people and signs them in. */
export async function signUp(url: string, ids: readonly string[]): Promise<SignedIn[]> {
  const api = openApi(url)
  try {
    return await inParallel(ids, 8, async (userId) => {
      await api.register(userId, password)
      return { userId, token: await api.login(userId, password) }
    })
  } finally {
    api.close()
  }
}

/** Further devices of people who are signed up. */
export async function signInAlso(url: string, ids: readonly string[], platform: number): Promise<SignedIn[]> {
  const api = openApi(url)
  try {
    return await inParallel(ids, 8, async (userId) => {
      const data = { user_id: userId, password, platform_id: platform }
      const { token } = await api.ask<{ token: string }>('', 'POST', '/auth/login', data)
      return { userId, token }
    })
  } finally {
    api.close()
  }
}

/** Pairs of single chats, and three groups: everybody, the first half, every third. */
export async function openUsers(url: string, count: number): Promise<ChaosUser[]> {
  const ids = Array.from({ length: count }, (_, i) => `chaos-${String(i).padStart(3, '0')}`)
  const people = await signUp(url, ids)
  const talks = ids.map((id, i): Talk[] => {
    const partner = ids[i ^ 1] as string
    return [{ id: singleChat(id, partner), target: { recv_id: partner } }]
  })
  const foreign: Talk[] = []
  const chosen = [() => true, (i: number) => i < count / 2, (i: number) => i % 3 === 0]
  const api = openApi(url)
  try {
    for (const [number, choose] of chosen.entries()) {
      const members = ids.map((_, i) => i).filter(choose)
      const others = members.filter((i) => i !== 0).map((i) => ids[i] as string)
      const groupId = await api.createGroup(people[0]?.token ?? '', `group ${number}`, others)
      const talk = { id: `sg_${groupId}`, target: { group_id: groupId } }
      for (const [i, list] of talks.entries()) {
        if (choose(i)) list.push(talk)
        else foreign[i] = talk
      }
    }
  } finally {
    api.close()
  }
  return people.map((person, i) => {
    const user = { ...person, talks: talks[i] as Talk[] }
    return foreign[i] === undefined ? user : { ...user, foreign: foreign[i] }
  })
}

const guestCount = 6
const roomCount = 2

/** A host with some rooms, and guests who are in none of them yet. */
export async function openVisitors(url: string, revokeMs: number): Promise<Visitors> {
  const ids = Array.from({ length: guestCount }, (_, i) => `guest-${i}`)
  const [host, ...guests] = await signUp(url, ['host', ...ids])
  if (host === undefined) throw new Error('nobody signed up')
  const api = openApi(url)
  try {
    const rooms: Talk[] = []
    for (let number = 0; number < roomCount; number++) {
      const groupId = await api.createGroup(host.token, `room ${number}`, [])
      rooms.push({ id: `sg_${groupId}`, target: { group_id: groupId } })
    }
    return {
      host: { ...host, talks: rooms },
      guests: guests.map((guest) => ({ ...guest, talks: [], rooms })),
      password,
      revokeMs,
    }
  } finally {
    api.close()
  }
}
