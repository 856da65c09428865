import type { Rule } from './rule.ts'
import type { List, Standing, Sync } from './side-history.ts'
import type { World } from './world.ts'

/** What a device holds that lives on the stream of changes alone. */
interface Device {
  readonly conversations: Map<string, Standing>
  readonly memberships: Map<string, boolean>
}

const fields = ['max_seq', 'read_seq', 'unread_count', 'min_seq'] as const

/**
 * A device that applies the pages of the stream in order, from the beginning or from a position it remembers, ends
 * with what the lists say. Positions rise, each page begins where the one before it ended, and a position that was
 * given is never refused later.
 */
export const streamIsGapless: Rule = {
  id: 'I11',
  says: 'the stream of changes, applied from 0 or from a remembered position, gives what the lists say',
  check: (world, fail) => {
    let cases = 0
    for (const [client, syncs] of world.syncs) {
      for (const chain of ['kept', 'whole'] as const) {
        const pages = syncs.filter((sync) => sync.args.chain === chain)
        // Where no list was made in the beginning, there is nothing to apply changes to.
        const isBegun = chain === 'whole' || firstOf(world, client) !== undefined
        if (pages.length === 0 || !isBegun) continue
        const report = (text: string): void => fail(`${client}, ${chain} chain: ${text}`)
        const device = start(world, client, chain)
        for (const text of follow(pages, device)) report(text)
        for (const text of differences(world, client, device)) report(text)
        cases += pages.length
      }
    }
    return cases
  },
}

function firstOf(world: World, client: string): List | undefined {
  return world.lists.find((list) => list.client === client && list.args.when === 'first')
}

function start(world: World, client: string, chain: 'kept' | 'whole'): Device {
  const known = chain === 'kept' ? (firstOf(world, client)?.result.conversations ?? []) : []
  return { conversations: new Map(known.map((one) => [one.conversation_id, one])), memberships: new Map() }
}

/** Applies them; returns what is wrong with the pages themselves. */
function follow(pages: readonly Sync[], device: Device): string[] {
  const faults: string[] = []
  let position: string | undefined
  for (const { args, result } of pages) {
    if (result.outcome === 'fail') {
      // The server does not know a position that it gave.
      if (result.code === 1001) faults.push(`position ${args.position ?? ''} was refused`)
      continue
    }
    // Without one it begins anew: whoever asked before did not get a list.
    if (position !== undefined && args.position !== undefined && args.position !== position)
      faults.push(`a page from ${args.position ?? 'nowhere'} follows one that ended at ${position}`)
    let last = Number(args.position ?? 0)
    for (const change of result.changes) {
      if (change.position < last || change.position <= Number(args.position ?? 0))
        faults.push(`a change at ${change.position} stands behind ${last}`)
      last = Math.max(last, change.position)
      if (change.conversation)
        device.conversations.set(change.conversation.conversation_id, change.conversation)
      if (change.member) device.memberships.set(change.member.conversation_id, change.member.is_in)
    }
    if (Number(result.position) < last)
      faults.push(`a page with changes up to ${last} ends at ${result.position}`)
    position = result.position
  }
  return faults
}

function differences(world: World, client: string, device: Device): string[] {
  const faults: string[] = []
  const final = world.lists.find((list) => list.client === client && list.args.when === 'final')
  if (final === undefined) return ['there is no list to compare it with']
  const listed = new Map(final.result.conversations.map((one) => [one.conversation_id, one]))
  for (const [id, one] of listed) {
    const own = device.conversations.get(id)
    const field = fields.find((name) => own?.[name] !== one[name])
    if (own === undefined) faults.push(`it never told of ${id}`)
    else if (field !== undefined)
      faults.push(`${id} has ${field} ${own[field]}, in the list it is ${one[field]}`)
  }
  for (const id of device.conversations.keys())
    if (!listed.has(id)) faults.push(`it told of ${id}, which is in no list`)
  for (const [id, isIn] of device.memberships) {
    const members = world.finalMembers.get(id)?.result.users
    if (members !== undefined && members.includes(client) !== isIn)
      faults.push(`by it one is ${isIn ? 'in' : 'out of'} ${id}, by its members the other way round`)
  }
  return faults
}
