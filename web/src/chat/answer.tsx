import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { Button } from '../ui/button.tsx'
import { Spinner, useSlow } from '../ui/spinner.tsx'

export interface Answer<T> {
  readonly value: T | undefined
  readonly failure: unknown
  readonly ask: () => void
}

/** Asks once, and anew whenever `key` changes or somebody says so; a late answer to an old question is dropped. */
export function useAnswer<T>(question: () => Promise<T>, key: string): Answer<T> {
  const [state, setState] = useState<{ value: T | undefined; failure: unknown }>({
    value: undefined,
    failure: undefined,
  })
  const latest = useRef(question)
  latest.current = question
  const turn = useRef(0)
  const ask = useCallback(() => {
    const mine = ++turn.current
    latest.current().then(
      (value) => mine === turn.current && setState({ value, failure: undefined }),
      (failure: unknown) => mine === turn.current && setState((now) => ({ ...now, failure })),
    )
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what the question is about
  useEffect(() => {
    ask()
    return () => {
      turn.current++
    }
  }, [ask, key])
  return { ...state, ask }
}

/** A wheel while it takes long, the reason and another try when it failed, else what was answered. */
export function Asked<T>({
  answer,
  children,
}: {
  answer: Answer<T>
  children: (value: T) => ReactNode
}): ReactNode {
  const t = useText()
  const { value, failure, ask } = answer
  const slow = useSlow(value === undefined && failure === undefined)
  if (value !== undefined) return children(value)
  return (
    <div className="grid min-h-16 place-items-center text-center text-small text-soft">
      {failure === undefined ? (
        slow && <Spinner label={t('app.loading')} />
      ) : (
        <div role="alert" className="flex flex-col items-center gap-2">
          {explain(failure, t)}
          <Button look="quiet" onClick={ask}>
            {t('action.retry')}
          </Button>
        </div>
      )}
    </div>
  )
}
