import type { Buckets, Latency } from '../histogram.ts'
import type { Codec, Target } from '../wire/send-template.ts'
import type { Phase, PhaseFigures } from './phases.ts'

export interface LoadClient {
  readonly token: string
  /** Absent for clients that only listen. */
  readonly target?: Target
  /** Of its node, where that is not the plan's. */
  readonly port?: number
  /** Source address. */
  readonly from?: string
}

/** A conversation of the load, and who of the clients is in it. */
export interface PlannedConversation {
  readonly id: string
  /** Indexes of clients. */
  readonly members: readonly number[]
}

/** A group that is spoken in at a fixed rate. */
export interface PlannedGroup extends PlannedConversation {
  readonly target: Target
  /** Indexes of clients, who take turns. */
  readonly senders: readonly number[]
}

/** Clients that stop reading for a while, and from when on, in seconds from the start. */
export interface Stall {
  readonly clients: readonly number[]
  readonly from: number
  readonly seconds: number
}

interface Load {
  readonly host: string
  readonly port: number
  /** The server processes, whose use is sampled. */
  readonly serverPids: readonly number[]
  /** The store's own process, where we started it. */
  readonly storePid?: number
  readonly codec: Codec
  /** What stands at the other end: the real server, or one of the ceilings, which only mirror frames. */
  readonly peer: 'server' | 'echo' | 'broadcast'
  readonly clients: readonly LoadClient[]
  /** Each member must get each message of each. Without any, as for the ceilings, pushes are only counted. */
  readonly conversations: readonly PlannedConversation[]
  readonly seconds: number
  /** Share of `seconds` that is not measured. */
  readonly warmUp: number
  readonly text: string
  /** The window in this many equal parts, each with its own latencies. */
  readonly parts?: number
}

/** Every client keeps `inFlight` messages on the way. */
export interface ClosedPlan extends Load {
  readonly kind: 'closed'
  readonly inFlight: number
}

/** `rate` messages a second for all clients together, on a fixed schedule. */
export interface OpenPlan extends Load {
  readonly kind: 'open'
  readonly rate: number
  /** One after the other, instead of `rate` all the time. Somewhere they ask for too much: refusals are counted, not quoted. */
  readonly phases?: readonly Phase[]
}

/** The first client sends; a message is in flight until it was acked and every client has it. */
export interface FanoutPlan extends Load {
  readonly kind: 'fanout'
  readonly inFlight: number
}

/** `rate` messages a second for all groups together, on a fixed schedule, group by group. */
export interface GroupsPlan extends Load {
  readonly kind: 'groups'
  readonly rate: number
  readonly conversations: readonly PlannedGroup[]
  readonly stall?: Stall
  /** Indexes of the clients that this process plays; the others are played by others. Undefined = all. */
  readonly share?: readonly number[]
}

/** All clients connect and stay silent. */
export interface IdlePlan extends Load {
  readonly kind: 'idle'
}

export type LoadPlan = ClosedPlan | OpenPlan | FanoutPlan | GroupsPlan | IdlePlan

/** What happened between warm-up and end. */
export interface Window {
  readonly seconds: number
  readonly acks: number
  readonly pushes: number
  /** Undefined where the system has no /proc. */
  readonly serverCpuUs: number | undefined
  readonly storeCpuUs?: number | undefined
  readonly rssBytes: number | undefined
  /** Share of one core that the generator used, 1 = all of it. */
  readonly generatorCpu: number
}

/** Every message by its number: columns of equal length. */
export interface SentColumns {
  /** Index of the sending client. */
  readonly client: Uint16Array
  /** 0 = never acked. */
  readonly seq: Uint32Array
  readonly serverId: Float64Array
}

export interface LoadResult {
  readonly window: Window
  readonly sent: SentColumns
  readonly acked: number
  readonly refused: number
  readonly unanswered: number
  /** Connections that ended by themselves. */
  readonly lost: number
  /** Frames that no contract allows, kicks among them. */
  readonly broken: number
  /** The first few refusals, losses and broken frames, as text. */
  readonly complaints: readonly string[]
  readonly pushes: number
  readonly duplicatePushes: number
  /** Pushes below the last seq, and holes that no resync notice explains. */
  readonly outOfOrder: number
  readonly resyncs: number
  /** Pushes that resync notices took the place of. */
  readonly leftOut: number
  /** Messages that were written; planned ones that were not are in the columns of `sent` only. */
  readonly written: number
  /** Pushes of acked messages that a member still lacked at the end, holes before them aside. */
  readonly unpushed: number
  /** From the intended time (open) or the write (closed) to the answer. */
  readonly ack: Latency
  /** The same to a push at another client than the sender. */
  readonly delivery: Latency
  /** From the write itself to that push: service time. */
  readonly service: Latency
  /** Fan-out and groups: to the last member. */
  readonly lastMember: Latency
  /** Open loop: how late messages were written; else: how late timers fired. */
  readonly lag: Latency
  readonly idle?: IdleFigures
  /** Of the parts of the window, in their order. */
  readonly parts?: readonly Latency[]
  readonly phases?: readonly PhaseFigures[]
  readonly stalled?: readonly StalledClient[]
  /** Only between the processes of one load. */
  readonly share?: ShareFigures
}

/** What a process can say of its share, for all shares to be put together. */
export interface ShareFigures {
  /** Of each message of the plan: how many of its members here got it, and µs from the intended time to the last. */
  readonly arrivals: Uint32Array
  readonly lastUs: Float64Array
  /** Of each conversation: the highest seq that each of its members here has. */
  readonly lastSeqs: readonly Uint32Array[]
  readonly ack: Buckets
  readonly delivery: Buckets
  readonly service: Buckets
}

/** How somebody came out who had not read for a while. */
export interface StalledClient {
  readonly client: number
  /** The highest seq it has without a hole that nothing told it of. */
  readonly lastSeq: number
  readonly resyncs: number
  /** Why the server let it go; undefined = it kept its connection. */
  readonly lost?: string | undefined
}

export interface IdleFigures {
  readonly sessions: number
  /** Memory when the first tenth was connected, and when all were and had settled. */
  readonly firstSessions: number
  readonly firstRssBytes: number | undefined
  readonly rssBytes: number | undefined
  /** Share of one core that the server used while all were silent. */
  readonly serverCpu: number | undefined
}
