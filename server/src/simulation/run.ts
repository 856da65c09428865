import { hash } from 'node:crypto'
import type { Store } from '../core/ports.ts'
import { openStore } from '../storage/open.ts'
import { type ManualClock, manualClock } from '../testing/clock.ts'
import { device } from '../testing/domain/device.ts'
import { createHub, type Hub } from '../testing/domain/hub.ts'
import { type Chance, chanceOf, turns } from './chance.ts'
import { contradictions } from './checker.ts'
import { type Client, clientOf, type Person, type Talk } from './client.ts'
import { type History, newHistory } from './history.ts'
import { type Node, type NodeParts, startNode } from './nodes.ts'
import type { Trouble } from './unreliable-store.ts'

const nodeCount = 3
const names = ['ann', 'bob', 'cid', 'dan'] as const
const steps = 90
const worstShare = 0.1
const worstDelay = 4
/** Nodes are not further apart than that, ms. */
const worstSkew = 600_000
const healSteps = 600

/** What one run came to: nothing in `faults` is as it should be. */
export interface Run {
  readonly faults: readonly string[]
  readonly acked: number
  readonly deaths: number
}

interface Stage extends NodeParts {
  readonly nodes: Node[]
  readonly clients: readonly Client[]
  readonly history: History
  deaths: number
}

/** Several nodes over one store, and people who use them, with everything going wrong by this seed. */
export async function simulate(seed: number): Promise<Run> {
  const chance = chanceOf(seed)
  const history = newHistory()
  const strange = (reason: unknown): void =>
    void history.strange.push(`rejected unheard: ${reason instanceof Error ? reason.stack : String(reason)}`)
  process.on('unhandledRejection', strange)
  try {
    const store = await openStore('memory:')
    const stage = await setUp(store, chance, history)
    stage.trouble.share = chance.next() * worstShare
    stage.trouble.delay = chance.below(worstDelay)
    for (let step = 0; step < steps; step++) {
      await act(stage)
      await turns(chance.below(4))
    }
    await heal(stage)
    const faults = await contradictions(history, store, (text) => hash('sha256', text, 'base64url'))
    // Else those who listen would go on doing so while the next run is played.
    for (const node of stage.nodes) node.die()
    const acked = history.sent.filter(({ acks }) => acks.length > 0).length
    return { faults, acked, deaths: stage.deaths }
  } finally {
    process.off('unhandledRejection', strange)
  }
}

async function setUp(store: Store, chance: Chance, history: History): Promise<Stage> {
  const trouble: Trouble = { share: 0, delay: 0 }
  const hub: Hub = createHub()
  const clock: ManualClock = manualClock()
  const parts: NodeParts = { store, hub, clock, chance, trouble }
  const nodes: Node[] = []
  for (let number = 0; number < nodeCount; number++) nodes.push(await startNode(number, parts))
  const people = await peopleOf(nodes[0] as Node)
  const clients = people.map((person) => clientOf(person, history, chance))
  for (const client of clients) client.connect(chance.one(nodes))
  await turns(20)
  return { ...parts, nodes, clients, history, deaths: 0 }
}

async function peopleOf({ core }: Node): Promise<Person[]> {
  const people: (Omit<Person, 'talks'> & { readonly name: string })[] = []
  for (const name of names) {
    await core.person(name)
    const { caller, token, leave } = await device(core, name)
    leave()
    const { userId, sessionId, platformId } = caller
    people.push({ name, caller: { userId, sessionId, platformId }, token })
  }
  const [ann] = people
  if (!ann) throw new Error('nobody is there')
  const group = await core.dispatch(ann.caller, 'group.create', {
    name: 'all',
    member_ids: names.filter((name) => name !== 'ann'),
  })
  const all: Talk = { id: `sg_${group.id}`, to: { group_id: group.id } }
  return people.map(({ name, ...person }, i) => {
    const partner = names[i ^ 1] ?? name
    const pair = [name, partner].toSorted().join(':')
    return { ...person, talks: [all, { id: `si_${pair}`, to: { recv_id: partner } }] }
  })
}

/** One thing happens. */
async function act(stage: Stage): Promise<void> {
  const { chance, clients, clock } = stage
  const node = chance.one(stage.nodes)
  const client = chance.one(clients)
  const draw = chance.next()
  if (draw < 0.5) client.send(node)
  else if (draw < 0.6) client.repeat(node)
  else if (draw < 0.66) client.pull(node)
  else if (draw < 0.71) client.markRead(node)
  else if (draw < 0.75) client.connect(node)
  else if (draw < 0.83) clock.advance(chance.below(400))
  else if (draw < 0.88) second(stage)
  else if (draw < 0.9) node.skew(chance.below(2 * worstSkew) - worstSkew)
  else if (draw < 0.93) await replace(stage, node)
  else busTrouble(stage, node)
}

function busTrouble({ hub, chance }: Stage, { bus }: Node): void {
  const draw = chance.next()
  if (draw < 0.2) hub.hold()
  else if (draw < 0.5) hub.release(chance.below)
  else if (draw < 0.65) hub.lose(() => chance.is(0.3))
  else if (draw < 0.8) hub.lose(() => false)
  else if (draw < 0.9) bus.cut()
  else bus.mend()
}

/** A second passes on every node. */
function second({ clock, nodes, history }: Stage): void {
  clock.advance(1000)
  for (const { core, number } of nodes)
    void core.cluster
      ?.tick()
      .catch((error: unknown) => history.strange.push(`tick of node ${number}: ${String(error)}`))
}

async function replace(stage: Stage, node: Node): Promise<void> {
  stage.deaths += 1
  node.die()
  stage.nodes[node.number] = await startNode(node.number, stage)
}

/** All is well again: what is open is repeated until it is answered, and everybody hears one last message. */
async function heal(stage: Stage): Promise<void> {
  const { hub, trouble, nodes, clients, chance, history } = stage
  trouble.share = 0
  hub.lose(() => false)
  hub.release()
  for (const { bus } of nodes) if (!bus.isUp) bus.mend()
  const settled = async (check: () => boolean, stepMs = 50): Promise<void> => {
    for (let step = 0; step < healSteps && !check(); step++) {
      for (const client of clients) client.repeat(chance.one(nodes))
      stage.clock.advance(stepMs)
      if (stepMs > 1 && step % 20 === 19) second(stage)
      await turns(3)
    }
    if (!check()) history.strange.push('G4: it does not come to rest')
  }
  await settled(() => clients.every((client) => client.isQuiet))
  for (const client of clients) if (!client.isConnected) client.connect(chance.one(nodes))
  await settled(() => clients.every((client) => client.isQuiet && client.isConnected))
  for (let i = 0; i < 3; i++) {
    second(stage)
    await turns(12)
  }
  // Everybody's last word, in every conversation they are in.
  for (const client of clients) {
    for (const talk of client.talks) client.send(chance.one(nodes), talk)
  }
  // So slowly that nothing on its way is taken for lost: everybody has to hear it, and not only that there is something.
  await settled(() => clients.every((client) => client.isQuiet), 1)
  for (let i = 0; i < 3; i++) {
    await turns(30)
    stage.clock.advance(400)
  }
  for (const { core } of nodes) await core.world.writer.idle()
}
