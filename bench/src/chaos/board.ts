import { type ChaosOptions, type FaultName, readChaosOptions } from './options.ts'
import { faults } from './play.ts'

export type Board = readonly ChaosOptions[]

/** Everything that is played before a release, in this order. */
const rounds: readonly (readonly [FaultName, ...string[]])[] = [
  ['kill'],
  ['kill', '--store', 'mysql'],
  ['power'],
  ['power', '--store', 'mysql'],
  ['database'],
  ['redis'],
  ['link'],
  ['lost-acks'],
  ['nodes'],
  ['partition'],
  ['disk-full'],
  ['descriptors'],
  ['memory'],
  ['clock'],
  ['rolling'],
  ['damage'],
  ['backup'],
]

/** The whole row of faults, for `ci` and `full` with options of all of them; undefined for anything else. Throws as they do. */
export function boardOf([name, ...args]: readonly string[]): Board | undefined {
  if (name !== 'ci' && name !== 'full') return undefined
  return rounds.map(([fault, ...own]) =>
    readChaosOptions([fault, ...own, '--times', String(faults[fault].times[name]), ...args]),
  )
}
