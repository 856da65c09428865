import { useState } from 'react'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { useToast } from './toast.tsx'

export interface Action {
  readonly busy: boolean
  /** Does it, unless it is being done; says in a toast why it failed. True when it worked. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>
}

/** Something a button does at the server. */
export function useAction(): Action {
  const t = useText()
  const toast = useToast()
  const [busy, setBusy] = useState(false)
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    if (busy) return false
    setBusy(true)
    try {
      await work()
      return true
    } catch (failure) {
      toast('problem', explain(failure, t))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { busy, run }
}
