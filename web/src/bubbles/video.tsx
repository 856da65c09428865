import { Clapperboard } from 'lucide-react'
import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'
import { type Body, duration, fileSize, numberIn, wordsIn } from './body.ts'
import { LinkCard } from './link-card.tsx'

export function VideoBubble({ body }: { body: Body }): ReactNode {
  const t = useText()
  const seconds = numberIn(body, 'duration')
  const size = numberIn(body, 'size')
  const facts = [
    seconds === undefined ? undefined : duration(seconds),
    size === undefined ? undefined : fileSize(size),
  ]
  return (
    <LinkCard
      icon={<Clapperboard size={19} />}
      title={t('bubble.video')}
      facts={facts}
      url={wordsIn(body, 'url')}
    />
  )
}
