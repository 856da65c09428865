import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { readConfig } from '../config.ts'
import { placesOf } from '../places.ts'

/** The options by which a command finds the store of a service. */
export const placeOptions = {
  data: { value: 'FOLDER', prose: 'data folder of the service; ./data unless said otherwise' },
  storage: { value: 'URL', prose: 'the store itself: sqlite:<path>, mysql://…, mongodb://…, redis://…' },
  config: { value: 'FILE', prose: 'configuration of the service; config/config.yaml where that exists' },
} as const

export interface PlaceFlags {
  readonly data?: string
  readonly storage?: string
  readonly config?: string
}

/** Read when it exists and no other file is named (nexo-wire section 11). */
const usualConfig = 'config/config.yaml'

export function configFileOf(flags: PlaceFlags): string | undefined {
  return flags.config ?? (existsSync(usualConfig) ? usualConfig : undefined)
}

/** URL of the store that a service started with the same options keeps everything in. */
export function storeUrlOf(flags: PlaceFlags): string {
  if (flags.storage !== undefined) return flags.storage
  const folder = resolve(flags.data ?? 'data')
  const file = configFileOf(flags)
  const config = readConfig({ ...(file !== undefined && { file }), env: process.env })
  return placesOf(config, folder).store
}

/** Path of an SQLite store; undefined for the others. */
export function fileOf(url: string): string | undefined {
  return url.startsWith('sqlite:') ? resolve(url.slice('sqlite:'.length)) : undefined
}

/** Throws where an SQLite store is named that is not there: opening it would make an empty one. */
export function refuseMissing(url: string): void {
  const file = fileOf(url)
  if (file !== undefined && !existsSync(file))
    throw new Error(`there is no store at ${file}; name its folder with --data`)
}
