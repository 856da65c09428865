/** D0 memory, D1 handed to the system, D2 synced to the disk before the ack. */
export type Durability = 'D0' | 'D1' | 'D2'

/** What a server promises, as it says itself. */
export interface Promises {
  /** Name and version. */
  readonly version: string
  readonly durability: Durability
  /** The setting that the letter rests on. */
  readonly setting: string
}

/** One kind of database server: what a run needs from it besides serving the product. */
export interface Engine {
  /** Its name among the services of `scripts/services`, and the variable that leads to one that runs already. */
  readonly service: string
  readonly variable: string
  /** Rejects when it does not answer. */
  ping(url: string): Promise<void>
  promises(url: string): Promise<Promises>
  /** An empty place of this name on the server; returns the product's URL of it. */
  fresh(url: string, name: string): Promise<string>
  /** What it is started again with, where its process does not show it. */
  argumentsIn?(folder: string): string[]
  /** Takes such a place away, by the URL that `fresh` gave. */
  drop(url: string): Promise<void>
}

export const storeNames = ['sqlite', 'mysql', 'mongodb', 'redis'] as const
export type StoreName = (typeof storeNames)[number]
export type ServerName = Exclude<StoreName, 'sqlite'>

export const busNames = ['redis', 'nats'] as const
export type BusName = (typeof busNames)[number]
