import type { ReactNode } from 'react'
import { type Body, wordsIn } from './body.ts'
import { linkify } from './links.ts'

const onlyEmoji = /^(?:\p{RGI_Emoji}\s*){1,3}$/v

export function isJumbo(text: string): boolean {
  return text.length <= 60 && onlyEmoji.test(text)
}

/** Text with its links; line breaks and the direction of each paragraph are the writer's. */
export function Words({ text }: { text: string }): ReactNode {
  return (
    <span className="words">
      {linkify(text).map((piece, i) =>
        piece.href === undefined ? (
          piece.words
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never change places
          <a key={i} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
            {piece.words}
          </a>
        ),
      )}
    </span>
  )
}

export function TextBubble({ body }: { body: Body }): ReactNode {
  const text = wordsIn(body, 'text') ?? ''
  return isJumbo(text) ? (
    <span className="words text-[2.5rem] leading-tight">{text}</span>
  ) : (
    <Words text={text} />
  )
}
