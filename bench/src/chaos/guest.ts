import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../random.ts'
import type { ChaosClient } from './client.ts'
import type { ChaosUser, Talk } from './setup.ts'
import { renewSignIn, type SignIn } from './sign-in.ts'

const shortestRestMs = 300
const longestRestMs = 1200
/** Of what a guest does; the rest is looking at where one stands. */
const shares = { move: 0.6, follow: 0.15, renew: 0.1 }
/** Moves that should be refused, because one is there already. */
const wrongShare = 0.1

/** Somebody who does things beside the sending until `heal`; `run` ends then. */
export interface Visitor {
  run(): Promise<void>
  heal(): void
}

/** Comes into rooms and goes, signs in anew, asks what changed. */
export function guestOf(client: ChaosClient, user: ChaosUser, signIn: SignIn, random: Random): Visitor {
  const rooms = user.rooms ?? []
  const isIn = new Map<Talk, boolean>()
  const { account } = client
  const move = async (room: Talk): Promise<void> => {
    const here = isIn.get(room) ?? random() < 0.5
    const goes = random() < wrongShare ? !here : here
    const { outcome } = await account.move(goes ? 'leave' : 'join', groupOf(room), user.userId)
    // Refused one is where one wanted to be; after no answer one knows as little as before.
    if (outcome === 'ok' || outcome === 'fail') isIn.set(room, !goes)
  }
  return visitor(random, async () => {
    const room = one(rooms, random)
    const draw = random()
    if (draw < shares.move) await move(room)
    else if (draw < shares.move + shares.follow) await account.follow()
    else if (draw < shares.move + shares.follow + shares.renew) await renewSignIn(client, signIn, random)
    else await client.look(room)
  })
}

/** Invites and kicks, whoever it is. */
export function hostOf(
  client: ChaosClient,
  rooms: readonly Talk[],
  guests: readonly ChaosUser[],
  random: Random,
): Visitor {
  return visitor(random, async () => {
    const op = random() < 0.5 ? 'invite' : 'kick'
    await client.account.move(op, groupOf(one(rooms, random)), one(guests, random).userId)
  })
}

export function groupOf({ target }: Talk): string {
  if (!('group_id' in target)) throw new Error('a room is a group')
  return target.group_id
}

function one<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random() * list.length)] as T
}

function visitor(random: Random, act: () => Promise<void>): Visitor {
  let isHealing = false
  return {
    run: async () => {
      while (!isHealing) {
        await sleep(shortestRestMs + random() * (longestRestMs - shortestRestMs))
        // What is not answered is written down; the next thing is done in any case.
        await act().catch(() => undefined)
      }
    },
    heal: () => {
      isHealing = true
    },
  }
}
