import type { Family } from './family.ts'
import { node } from './node.ts'
import { process } from './process.ts'
import { traffic } from './traffic.ts'

/** Every metric there is. */
export const families: readonly Family[] = [...traffic, ...node, ...process]
