import type { ChatMessage } from '@nexo-im/client'
import { msgType } from '@nexo-im/protocol'
import type { ReactNode } from 'react'
import { ErrorBoundary } from '../ui/error-boundary.tsx'
import { type Body, bodyOf } from './body.ts'
import { bundleOf } from './bundle.ts'
import { BundleBubble } from './bundle-card.tsx'
import { CardBubble } from './card.tsx'
import { CustomBubble } from './custom.tsx'
import { FileBubble } from './file.tsx'
import { ImageBubble } from './image.tsx'
import { LocationBubble } from './location.tsx'
import { QuoteBubble } from './quote.tsx'
import { TextBubble } from './text.tsx'
import { Unknown } from './unknown.tsx'
import { VideoBubble } from './video.tsx'
import { VoiceBubble } from './voice.tsx'

interface BubbleProps {
  message: ChatMessage
  onJump: (seq: number) => void
}

/** The inside of a message by its type; what breaks while being shown is replaced, not spread. */
export function Bubble({ message, onJump }: BubbleProps): ReactNode {
  const body = bodyOf(message)
  if (body === undefined) return <Unknown />
  return <ErrorBoundary fallback={<Unknown />}>{inside(message, body, onJump)}</ErrorBoundary>
}

function inside(message: ChatMessage, body: Body, onJump: (seq: number) => void): ReactNode {
  const { mentions } = message
  switch (message.type) {
    case msgType.text:
      return <TextBubble body={body} mentions={mentions} />
    case msgType.image:
      return <ImageBubble body={body} />
    case msgType.video:
      return <VideoBubble body={body} />
    case msgType.voice:
      return <VoiceBubble body={body} />
    case msgType.file:
      return <FileBubble body={body} />
    case msgType.location:
      return <LocationBubble body={body} />
    case msgType.card:
      return <CardBubble body={body} />
    case msgType.quote:
      return <QuoteBubble body={body} mentions={mentions} onJump={onJump} />
    case msgType.custom:
      return bundleOf(body) === undefined ? (
        <CustomBubble body={body} />
      ) : (
        <BundleBubble body={body} inside={loose} />
      )
    default:
      return <Unknown />
  }
}

/** A message out of its conversation: what it quotes lies where the reader may not see it. */
function loose(message: ChatMessage): ReactNode {
  return <Bubble message={message} onJump={() => undefined} />
}
