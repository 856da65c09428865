import { createHmac, randomUUID } from 'node:crypto'
import { inParallel } from '../parallel.ts'
import type { Stage } from './stage.ts'

export interface Account {
  readonly userId: string
  readonly token: string
}

/** A password hash costs about 30 ms of a core by design, so more at a time would only queue up. */
const atOnce = 8
export const password: string = 'bench-only-password'
const firstNumber = 100_000
/** Fewer are made at the door sooner than the nodes are started again. */
const worthCopying = 17

/**
 * `count` new users who are signed in. Where the store can be filled from outside, one is registered and the others are
 * copies of its rows, with tokens signed here: two password hashes each would take longer than the run. The nodes are
 * started again for it.
 */
export async function openAccounts(stage: Stage, count: number): Promise<Account[]> {
  const { store } = stage.place
  const canCopy = store === 'sqlite' || store === 'mysql'
  return canCopy && count >= worthCopying ? copyAccounts(stage, count) : registerAccounts(stage, count)
}

const userIdOf = (i: number): string => `bench-${firstNumber + i}`

async function registerAccounts(stage: Stage, count: number): Promise<Account[]> {
  const started = Date.now()
  let done = 0
  const numbers = Array.from({ length: count }, (_, i) => i)
  return inParallel(numbers, atOnce, async (i) => {
    const userId = userIdOf(i)
    await stage.api.register(userId, password)
    const token = await stage.api.login(userId, password)
    done += 1
    if (done % 250 === 0 || done === count) {
      stage.say(`${done} of ${count} accounts in ${((Date.now() - started) / 1000).toFixed(1)} s`)
    }
    return { userId, token }
  })
}

async function copyAccounts(stage: Stage, count: number): Promise<Account[]> {
  const [first] = (await registerAccounts(stage, 1)) as [Account]
  const claims = claimsOf(first.token)
  const run = randomUUID().slice(0, 8)
  const rest = { from: firstNumber + 1, count: count - 1 }
  const id = "'bench-' || n"
  await stage.restart(async ({ clone }) => {
    await clone('im_user', `user_id = '${first.userId}'`, rest, { user_id: id, nickname: id, name_key: id })
    await clone('im_session', `session_id = '${claims.jti}'`, rest, {
      session_id: `'${run}-' || n`,
      user_id: id,
    })
  })
  return Array.from({ length: count }, (_, i) => {
    const userId = userIdOf(i)
    if (i === 0) return first
    const token = signed({ ...claims, user_id: userId, jti: `${run}-${firstNumber + i}` }, stage.secret)
    return { userId, token }
  })
}

interface Claims {
  readonly user_id: string
  readonly jti: string
}

function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims
}

/** A JWT, HS256, as the contract has it. */
function signed(claims: Claims, secret: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const head = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`
}

/** The id of a single chat: the smaller user id, bytewise, stands first. */
export function singleChat(a: string, b: string): string {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0 ? `si_${a}:${b}` : `si_${b}:${a}`
}
