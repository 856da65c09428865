import type { Link, LinkEvents } from '@nexo-im/protocol'
import type { Clock } from '../clock.ts'
import type { Direct } from '../rest.ts'

/** Where a link leads, and what it may use on the way. */
export interface LinkTarget {
  /** `http(s)://host[:port][/prefix]`. */
  readonly url: string
  readonly token: string
  readonly clock: Clock
  readonly direct: Direct
}

/** What the owner of a link hears: `opened` at most once, `closed` once, also when it never opened. */
export interface LinkListener extends LinkEvents {
  opened(): void
}

/** A way to a server that speaks `nexo.v1` frames; several are tried in order. */
export interface LinkDoor {
  readonly name: string
  /** Bytes of the largest frame the other side accepts. */
  readonly maxFrame: number
  /** Never calls the listener before it returned. */
  open(target: LinkTarget, listener: LinkListener): Link
}
