import Type from 'typebox'
import { Card, card } from './card.ts'
import { Custom, custom } from './custom.ts'
import { File, file } from './file.ts'
import { Image, image } from './image.ts'
import { Location, location } from './location.ts'
import { Quote, quote } from './quote.ts'
import { Text, text } from './text.ts'
import type { ContentType } from './type.ts'
import { Video, video } from './video.ts'
import { Voice, voice } from './voice.ts'

/** The nine message types; one file each, one line each here. */
export const contentTypes = [text, image, video, voice, file, location, card, quote, custom] as const

/** Exactly one key, the one that belongs to `msg_type`. */
export const Content = Type.Object({
  text: Type.Optional(Text),
  image: Type.Optional(Image),
  video: Type.Optional(Video),
  audio: Type.Optional(Voice),
  file: Type.Optional(File),
  location: Type.Optional(Location),
  card: Type.Optional(Card),
  quote: Type.Optional(Quote),
  custom: Type.Optional(Custom),
})
export type Content = Type.Static<typeof Content>

/** Nexo numbers by the name people use. */
export const msgType = {
  text: 1,
  image: 2,
  video: 3,
  voice: 4,
  file: 5,
  location: 6,
  card: 7,
  quote: 8,
  custom: 100,
} as const
export type MsgTypeName = keyof typeof msgType

const byNumber = new Map<number, ContentType>(contentTypes.map((t) => [t.number, t]))
const byName = new Map<string, ContentType>(contentTypes.map((t) => [t.name, t]))

export function contentType(number: number): ContentType | undefined {
  return byNumber.get(number)
}

export function contentTypeByName(name: string): ContentType | undefined {
  return byName.get(name)
}

/** One line for a conversation list or a notification. */
export function preview(type: number, content: Content): string {
  const kind = byNumber.get(type)
  const body = kind && (content as Record<string, Record<string, unknown> | undefined>)[kind.key]
  return kind && body ? kind.preview(body) : ''
}
