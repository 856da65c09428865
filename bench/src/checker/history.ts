import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Common, SideEvent } from './side-history.ts'

/** What identifies a stored message, wherever it was seen. */
export interface Sighting {
  readonly conversation_id: string
  readonly seq: number
  readonly server_msg_id: number
  readonly client_msg_id: string
  readonly sender_id: string
  readonly send_at: number
  /** Acks carry no text. */
  readonly text?: string
}

export interface Connect extends Common {
  readonly op: 'connect'
  /** `session` counts the sign-ins of the client, where it has had more than one. */
  readonly args: { readonly conn: string; readonly session?: number }
  readonly result: { readonly outcome: 'ok' | 'fail' }
}

/** An open connection ended. */
export interface Close extends Common {
  readonly op: 'close'
  /** 1006 = without a word. */
  readonly args: { readonly conn: string; readonly code: number }
  readonly result: null
}

/** Written before the bytes leave, once for each attempt; what became of it tells the ack with the same numbers. */
export interface Send extends Common {
  readonly op: 'send'
  readonly args: {
    readonly client_msg_id: string
    readonly conversation_id: string
    readonly text: string
    readonly attempt: number
    readonly via: 'ws' | 'http'
  }
  readonly result: null
}

/** The answer to an attempt. `unknown` = the answer leaves open whether the message was stored. */
export interface Ack extends Common {
  readonly op: 'ack'
  readonly args: { readonly client_msg_id: string; readonly attempt: number }
  readonly result:
    | { readonly outcome: 'ok'; readonly message: Sighting }
    | { readonly outcome: 'fail' | 'unknown'; readonly code: number }
}

export interface Push extends Common {
  readonly op: 'push'
  readonly args: { readonly conn: string }
  /** A resync notice says up to where pushes were left out; without names, that anything may have been. */
  readonly result:
    | { readonly messages: readonly Sighting[] }
    | { readonly resync: Readonly<Record<string, number>> }
}

/** `pull` happens while faults do; `read` is the final reader, all pages of a conversation in a row. */
export interface Pull extends Common {
  readonly op: 'pull' | 'read'
  readonly args: { readonly conversation_id: string; readonly begin_seq: number }
  readonly result:
    | { readonly outcome: 'ok'; readonly messages: readonly Sighting[]; readonly max_seq: number }
    | { readonly outcome: 'fail' }
}

/** What the client itself counted, and where it takes part: the last line of each client. */
export interface Plan extends Common {
  readonly op: 'plan'
  readonly args: { readonly conversations: readonly string[] }
  readonly result: {
    readonly planned: number
    readonly acked: number
    readonly refused: number
    readonly unknown: number
  }
}

export type Event = Connect | Close | Send | Ack | Push | Pull | Plan | SideEvent

/** All lines of all `*.jsonl` files of a folder. Throws on a line that is not JSON. */
export function readHistories(folder: string): Event[] {
  const events: Event[] = []
  for (const name of readdirSync(folder).toSorted()) {
    if (!name.endsWith('.jsonl')) continue
    const lines = readFileSync(join(folder, name), 'utf8').split('\n')
    for (const [index, line] of lines.entries()) {
      if (line === '') continue
      try {
        events.push(JSON.parse(line) as Event)
      } catch {
        throw new Error(`${name}, line ${index + 1}: not JSON`)
      }
    }
  }
  return events
}
