import { mentionAll } from '@nexo-im/protocol'
import type { ReactNode } from 'react'
import { useNames } from '../chat/names.ts'
import { useOwnId } from '../client.ts'
import { type Body, wordsIn } from './body.ts'
import { linkify } from './links.ts'
import { markMentions } from './mention-marks.ts'

const onlyEmoji = /^(?:\p{RGI_Emoji}\s*){1,3}$/v

export function isJumbo(text: string): boolean {
  return text.length <= 60 && onlyEmoji.test(text)
}

interface WordsProps {
  text: string
  /** User ids; `*` is everybody. */
  mentions?: readonly string[] | undefined
}

/** Text with its links and mentions; line breaks and the direction of each paragraph are the writer's. */
export function Words({ text, mentions = [] }: WordsProps): ReactNode {
  return (
    <span className="words">
      {mentions.length === 0 ? <Linked text={text} /> : <Mentioning text={text} mentions={mentions} />}
    </span>
  )
}

function Linked({ text }: { text: string }): ReactNode {
  return linkify(text).map((piece, i) =>
    piece.href === undefined ? (
      piece.words
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never change places
      <a key={i} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
        {piece.words}
      </a>
    ),
  )
}

function Mentioning({ text, mentions }: { text: string; mentions: readonly string[] }): ReactNode {
  const ownId = useOwnId()
  const names = useNames(mentions)
  const people = mentions.map((id, i) => ({ id, name: names[i] ?? id }))
  return markMentions(text, people).map((piece, i) =>
    piece.id === undefined ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never change places
      <Linked key={i} text={piece.words} />
    ) : (
      <b
        // biome-ignore lint/suspicious/noArrayIndexKey: as above
        key={i}
        className="mention"
        data-mention={piece.id}
        data-me={piece.id === ownId || piece.id === mentionAll}
      >
        {piece.words}
      </b>
    ),
  )
}

export function TextBubble({
  body,
  mentions,
}: {
  body: Body
  mentions?: readonly string[] | undefined
}): ReactNode {
  const text = wordsIn(body, 'text') ?? ''
  return isJumbo(text) ? (
    <span className="words text-[2.5rem] leading-tight">{text}</span>
  ) : (
    <Words text={text} mentions={mentions} />
  )
}
