import { Braces } from 'lucide-react'
import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'
import { type Body, wordsIn } from './body.ts'
import { Unknown } from './unknown.tsx'

const shownCharacters = 600

/** What only the sender's own program understands: its name and the beginning of its data, as text. */
export function CustomBubble({ body }: { body: Body }): ReactNode {
  const t = useText()
  const data = wordsIn(body, 'data')
  if (data === undefined) return <Unknown />
  return (
    <span className="block max-w-full">
      <span className="flex items-center gap-1.5 text-small font-medium text-soft">
        <Braces size={14} aria-hidden="true" />
        {wordsIn(body, 'type') ?? t('bubble.custom')}
      </span>
      <code className="mt-1 block max-h-40 overflow-hidden rounded-lg bg-ink/6 px-2 py-1.5 text-small whitespace-pre-wrap">
        {data.length > shownCharacters ? `${data.slice(0, shownCharacters)}…` : data}
      </code>
    </span>
  )
}
