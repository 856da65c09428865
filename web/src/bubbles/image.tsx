import { Image as ImageIcon } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useText } from '../i18n/index.ts'
import { addressOf } from './address.ts'
import { type Body, fileSize, numberIn, wordsIn } from './body.ts'
import { LinkCard } from './link-card.tsx'

const maxWidth = 360
const maxHeight = 420

/** A picture of our own server is shown; one of another host only named: no page loads anything from there. */
export function ImageBubble({ body }: { body: Body }): ReactNode {
  const t = useText()
  const [broken, setBroken] = useState(false)
  const url = wordsIn(body, 'url')
  const shown = wordsIn(body, 'thumbnail') ?? url
  const width = numberIn(body, 'width')
  const height = numberIn(body, 'height')
  const address = shown === undefined ? undefined : addressOf(shown, location.origin)
  if (broken || address?.kind !== 'own') {
    const size = numberIn(body, 'size')
    const pixels = width && height ? `${width} × ${height}` : undefined
    const facts = [pixels, size === undefined ? undefined : fileSize(size)]
    return <LinkCard icon={<ImageIcon size={19} />} title={t('bubble.image')} facts={facts} url={url} />
  }
  const scale = width && height ? Math.min(1, maxWidth / width, maxHeight / height) : 1
  return (
    <a
      href={url}
      target="_blank"
      rel="noopener noreferrer"
      aria-label={t('bubble.image.open')}
      className="block"
    >
      <img
        src={address.href}
        alt={t('bubble.image')}
        width={width && height ? Math.round(width * scale) : undefined}
        height={width && height ? Math.round(height * scale) : undefined}
        loading="lazy"
        decoding="async"
        onError={() => setBroken(true)}
        className="-mx-2 my-1 max-h-[420px] max-w-full rounded-xl bg-ink/5 object-cover"
      />
    </a>
  )
}
