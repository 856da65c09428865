import { doorMutants } from './catalogue/doors.ts'
import { judgeMutants } from './catalogue/judges.ts'
import { logMutants } from './catalogue/log.ts'
import { rightsMutants } from './catalogue/rights.ts'
import { sdkMutants } from './catalogue/sdk.ts'
import { storeMutants } from './catalogue/store.ts'
import type { Mutant } from './mutant.ts'

/** M1 to M10 are those of the reliability notes; the others are our own. */
export const mutants: readonly Mutant[] = [
  ...logMutants,
  ...storeMutants,
  ...rightsMutants,
  ...doorMutants,
  ...sdkMutants,
  ...judgeMutants,
]
