import { AudioLines } from 'lucide-react'
import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'
import { type Body, duration, fileSize, numberIn, wordsIn } from './body.ts'
import { LinkCard } from './link-card.tsx'

const bars = 48
const box = { width: 192, height: 28 }

export function VoiceBubble({ body }: { body: Body }): ReactNode {
  const t = useText()
  const seconds = numberIn(body, 'duration')
  const size = numberIn(body, 'size')
  const facts = [
    seconds === undefined ? undefined : duration(seconds),
    size === undefined ? undefined : fileSize(size),
  ]
  return (
    <span className="block">
      <Waveform loudness={body['waveform']} />
      <LinkCard
        icon={<AudioLines size={19} />}
        title={t('bubble.voice')}
        facts={facts}
        url={wordsIn(body, 'url')}
      />
    </span>
  )
}

function Waveform({ loudness }: { loudness: unknown }): ReactNode {
  if (!Array.isArray(loudness) || loudness.length === 0) return null
  const levels = Array.from({ length: bars }, (_, i) => {
    const level: unknown = loudness[Math.floor((i * loudness.length) / bars)]
    return typeof level === 'number' ? Math.min(1, Math.max(0.08, level)) : 0.08
  })
  const path = levels.map((level, i) => {
    const half = (level * (box.height - 4)) / 2
    return `M${(i + 0.5) * (box.width / bars)} ${box.height / 2 - half}v${2 * half}`
  })
  return (
    <svg
      viewBox={`0 0 ${box.width} ${box.height}`}
      className="my-1 h-7 w-48 max-w-full text-accent"
      aria-hidden="true"
    >
      <path d={path.join('')} stroke="currentColor" strokeWidth="2" strokeLinecap="round" fill="none" />
    </svg>
  )
}
