/**
 * One or two letters for an avatar: the first of the first and last word, or one Han, kana or emoji character,
 * which fills the place of two letters.
 */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/[\s_.-]+/u)
    .filter((word) => word !== '')
  const first = firstGrapheme(words[0] ?? '')
  if (first === '') return '?'
  const last = words.length > 1 ? firstGrapheme(words.at(-1) ?? '') : ''
  const latin = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{N}]/u
  return latin.test(first) && latin.test(last)
    ? (first + last).toLocaleUpperCase()
    : first.toLocaleUpperCase()
}

function firstGrapheme(word: string): string {
  for (const { segment } of new Intl.Segmenter().segment(word)) return segment
  return ''
}

// Degrees; yellow and its neighbours turn to mud at the lightness white letters need.
const hues = [16, 36, 58, 138, 162, 186, 210, 236, 262, 288, 318, 346]

/** A hue that stays with an id for ever; one of twelve, so that people can be told apart. */
export function hueOf(id: string): number {
  let hash = 2166136261
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 16777619)
  return hues[((hash ^ (hash >>> 15)) >>> 0) % hues.length] ?? 0
}
