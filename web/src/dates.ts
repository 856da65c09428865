import { useEffect, useState } from 'react'
import type { Text } from './i18n/index.ts'

const dayMs = 86_400_000

/** The local calendar day as a number that grows by one a day. */
export function dayOf(at: number): number {
  const date = new Date(at)
  // As if the local date were UTC: local midnights are not 24 hours apart where clocks change.
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / dayMs
}

export function clockTime(at: number, text: Text): string {
  return new Intl.DateTimeFormat(text.language, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at)
}

export function fullDate(at: number, text: Text): string {
  return new Intl.DateTimeFormat(text.language, { year: 'numeric', month: 'short', day: 'numeric' }).format(
    at,
  )
}

export function dateAndTime(at: number, text: Text): string {
  return new Intl.DateTimeFormat(text.language, { dateStyle: 'full', timeStyle: 'medium' }).format(at)
}

/** The time, with its date unless that is today. */
export function shortMoment(at: number, text: Text, now: number = Date.now()): string {
  if (dayOf(at) === dayOf(now)) return clockTime(at, text)
  return new Intl.DateTimeFormat(text.language, {
    ...(new Date(at).getFullYear() === new Date(now).getFullYear() ? {} : { year: 'numeric' }),
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at)
}

/** The heading between two days of a chat. */
export function dayName(at: number, text: Text, now: number): string {
  const age = dayOf(now) - dayOf(at)
  if (age === 0) return text('day.today')
  if (age === 1) return text('day.yesterday')
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return new Intl.DateTimeFormat(text.language, {
    weekday: 'long',
    month: 'long',
    day: 'numeric',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at)
}

/** Short enough for a list: the time today, the weekday this week, else the date. */
export function listTime(at: number, text: Text, now: number): string {
  const age = dayOf(now) - dayOf(at)
  if (age <= 0) return clockTime(at, text)
  if (age === 1) return text('day.yesterday')
  if (age < 7) return new Intl.DateTimeFormat(text.language, { weekday: 'short' }).format(at)
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return new Intl.DateTimeFormat(
    text.language,
    sameYear ? { month: 'short', day: 'numeric' } : { year: 'numeric', month: 'numeric', day: 'numeric' },
  ).format(at)
}

/** The time now, renewed at the given pace; pauses while `undefined`. */
export function useNow(everyMs: number | undefined): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (everyMs === undefined) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
