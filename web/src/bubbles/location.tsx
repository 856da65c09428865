import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'
import { type Body, numberIn, wordsIn } from './body.ts'
import { Unknown } from './unknown.tsx'

const meridians = [-150, -120, -90, -60, -30, 0, 30, 60, 90, 120, 150]
const parallels = [-60, -30, 0, 30, 60]

/** A drawn net of degrees with a pin: a map would have to come from another host. */
export function LocationBubble({ body }: { body: Body }): ReactNode {
  const t = useText()
  const latitude = numberIn(body, 'latitude')
  const longitude = numberIn(body, 'longitude')
  if (latitude === undefined || longitude === undefined) return <Unknown />
  return (
    <span className="block w-64 max-w-full py-0.5">
      <svg viewBox="-180 -90 360 180" className="mb-2 block w-full rounded-xl bg-ink/6" aria-hidden="true">
        <g stroke="currentColor" strokeWidth="0.8" className="text-ink/18">
          {meridians.map((degree) => (
            <line key={degree} x1={degree} x2={degree} y1="-90" y2="90" />
          ))}
          {parallels.map((degree) => (
            <line key={degree} x1="-180" x2="180" y1={degree} y2={degree} />
          ))}
        </g>
        <circle cx={longitude} cy={-latitude} r="16" className="fill-spark" opacity="0.28" />
        <circle cx={longitude} cy={-latitude} r="6.5" className="fill-spark" />
      </svg>
      <span className="block font-medium [overflow-wrap:anywhere]">
        {wordsIn(body, 'description') ?? t('bubble.location')}
      </span>
      <span className="block text-small text-soft tabular-nums">
        {degrees(latitude, 'N', 'S')} {degrees(longitude, 'E', 'W')}
      </span>
    </span>
  )
}

function degrees(value: number, positive: string, negative: string): string {
  return `${Math.abs(value).toFixed(4)}° ${value < 0 ? negative : positive}`
}
