import { FileText } from 'lucide-react'
import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'
import { type Body, fileSize, numberIn, wordsIn } from './body.ts'
import { LinkCard } from './link-card.tsx'

export function FileBubble({ body }: { body: Body }): ReactNode {
  const t = useText()
  const size = numberIn(body, 'size')
  return (
    <LinkCard
      icon={<FileText size={19} />}
      title={wordsIn(body, 'name') ?? t('bubble.file')}
      facts={[size === undefined ? undefined : fileSize(size), wordsIn(body, 'mime')]}
      url={wordsIn(body, 'url')}
    />
  )
}
