import type { Rule } from './rule.ts'
import type { Revoke } from './side-history.ts'
import { keyOf, type World } from './world.ts'

/**
 * Once a sign-in was ended, and the time is over that its sockets may take to hear of it, nothing comes over them any
 * more, they are closed, no new one opens, and the token is refused.
 */
export const revokedIsSilent: Rule = {
  id: 'I12',
  says: 'a sign-in that was ended gets nothing, opens nothing and is refused, soon after the answer',
  check: (world, fail) => {
    const connections = connectionsOf(world)
    const closed = new Map(
      world.closes.map((close) => [keyOf(close.client, close.args.conn), close.t_invoke]),
    )
    let cases = 0
    for (const [key, { revoke, at }] of endingsOf(world)) {
      cases += 1
      const { client, args } = revoke
      const report = (text: string): void =>
        fail(`${client}, sign-in ${args.session}, ended by ${args.how}: ${text}`)
      for (const { conn, since } of connections.get(key) ?? []) {
        if (since > at) report(`${conn} was opened ${ms(since - at)} ms too late`)
        // Its own end is not written down by a client who is through.
        const end = closed.get(keyOf(client, conn)) ?? world.plans.get(client)?.t_invoke ?? at
        if (end > at) report(`${conn} stayed open ${ms(end - at)} ms too long`)
        const late = (world.pushes.get(client) ?? []).filter(
          (push) => push.args.conn === conn && push.t_invoke > at,
        )
        if (late.length > 0) report(`${late.length} pushes came over ${conn} too late`)
      }
    }
    return cases + probeFaults(world, fail)
  },
}

const ms = (microseconds: number): number => Math.round(microseconds / 1000)

/** By client and sign-in: from when on all must be silent, where that is certain. */
function endingsOf(world: World): Map<string, { readonly revoke: Revoke; readonly at: number }> {
  const endings = new Map<string, { readonly revoke: Revoke; readonly at: number }>()
  for (const revoke of world.revokes) {
    if (revoke.result.outcome !== 'ok' || revoke.t_return === null) continue
    const key = keyOf(revoke.client, String(revoke.args.session))
    const at = revoke.t_return + revoke.args.within_ms * 1000
    if (at < (endings.get(key)?.at ?? Number.POSITIVE_INFINITY)) endings.set(key, { revoke, at })
  }
  return endings
}

function connectionsOf(world: World): Map<string, { readonly conn: string; readonly since: number }[]> {
  const all = new Map<string, { readonly conn: string; readonly since: number }[]>()
  for (const { client, args, result, t_return, t_invoke } of world.connects) {
    if (result.outcome !== 'ok' || args.session === undefined) continue
    const key = keyOf(client, String(args.session))
    all.set(key, [...(all.get(key) ?? []), { conn: args.conn, since: t_return ?? t_invoke }])
  }
  return all
}

/** A token is looked at with every request: there is nothing to wait for. */
function probeFaults(world: World, fail: (text: string) => void): number {
  for (const { client, args, result, t_invoke } of world.probes) {
    if (result.outcome !== 'served') continue
    const isEnded = world.revokes.some(
      (revoke) =>
        revoke.client === client &&
        revoke.args.session === args.session &&
        revoke.result.outcome === 'ok' &&
        revoke.t_return !== null &&
        revoke.t_return <= t_invoke,
    )
    if (isEnded) fail(`${client}, sign-in ${args.session}: its token still worked after it was ended`)
  }
  return world.probes.length
}
