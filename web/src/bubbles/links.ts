export type Piece = { readonly words: string; readonly href?: string }

// Ideographic punctuation never belongs to an address; Latin punctuation only inside one.
const candidate = /\bhttps?:\/\/[^\s<>"'`\p{Cc}，。！？；：、（）【】《》「」『』“”‘’]+/giu
const trailing = /[.,!?;:'"*_~\]]+$/

/** Cuts a text into plain pieces and http(s) links; the pieces put together are the text again. */
export function linkify(text: string): Piece[] {
  const pieces: Piece[] = []
  let done = 0
  for (const match of text.matchAll(candidate)) {
    const words = trimAddress(match[0])
    if (!URL.canParse(words) || new URL(words).hostname === '') continue
    if (match.index > done) pieces.push({ words: text.slice(done, match.index) })
    pieces.push({ words, href: words })
    done = match.index + words.length
  }
  if (done < text.length) pieces.push({ words: text.slice(done) })
  return pieces
}

/** A sentence's punctuation is not part of the address, nor is a bracket that was opened before it. */
function trimAddress(raw: string): string {
  let words = raw
  for (;;) {
    const before = words
    words = words.replace(trailing, '')
    const open = words.split('(').length
    if (words.endsWith(')') && words.split(')').length > open) words = words.slice(0, -1)
    if (words === before) return words
  }
}
