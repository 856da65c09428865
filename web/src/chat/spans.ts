import type { Text } from '../i18n/index.ts'

const units = [
  ['span.weeks', 604_800],
  ['span.days', 86_400],
  ['span.hours', 3600],
  ['span.minutes', 60],
  ['span.seconds', 1],
] as const

/** A length of time in the largest unit that fits without a rest. @param seconds whole */
export function spanWords(seconds: number, t: Text): string {
  const [stem, size] = units.find(([, unit]) => seconds >= unit && seconds % unit === 0) ?? units[4]
  return t.count(stem, seconds / size)
}
