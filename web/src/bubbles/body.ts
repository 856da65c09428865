import type { ChatMessage } from '@nexo-im/client'
import { contentType } from '@nexo-im/protocol'

/** The inside of a message as it came: nothing about it is believed before it is looked at. */
export type Body = Readonly<Record<string, unknown>>

/** Undefined when the body that belongs to the type is missing or is no object. */
export function bodyOf(message: Pick<ChatMessage, 'type' | 'content'>): Body | undefined {
  const key = contentType(message.type)?.key
  if (key === undefined || typeof message.content !== 'object' || message.content === null) return undefined
  const body = (message.content as Body)[key]
  return typeof body === 'object' && body !== null ? (body as Body) : undefined
}

export function wordsIn(body: Body, field: string): string | undefined {
  const value = body[field]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function numberIn(body: Body, field: string): number | undefined {
  const value = body[field]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

const units = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes as people read them, with one digit after the point below ten. */
export function fileSize(bytes: number): string {
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

/** `1:05`, `1:02:03`. @param seconds fractions are dropped */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [Math.floor(whole / 60) % 60, whole % 60]
  if (whole >= 3600) parts.unshift(Math.floor(whole / 3600))
  return parts.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}
