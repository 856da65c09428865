import { LoaderCircle } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'

/** True once `busy` has lasted 300 ms: quick work shows nothing, slow work shows that it goes on. */
export function useSlow(busy: boolean): boolean {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    if (!busy) {
      setSlow(false)
      return
    }
    const timer = setTimeout(() => setSlow(true), 300)
    return () => clearTimeout(timer)
  }, [busy])
  return busy && slow
}

export function Spinner({ size = 18, label }: { size?: number; label?: string }): ReactNode {
  return (
    <span role={label === undefined ? undefined : 'status'} className="inline-flex text-faint">
      <LoaderCircle size={size} className="spin" aria-hidden="true" />
      {label === undefined ? null : <span className="sr-only">{label}</span>}
    </span>
  )
}
