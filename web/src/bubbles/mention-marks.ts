import { mentionAll } from '@nexo-im/protocol'

export interface Mentionable {
  readonly id: string
  readonly name: string
}

export interface MarkedPiece {
  readonly words: string
  /** Who is mentioned by these words; undefined for plain text. */
  readonly id?: string
}

/** What everybody is called, in every language of ours: a text may come from a reader of another one. */
const everybody = ['all', 'everyone', '所有人']

/** Cuts a text at its mentions; the pieces put together are the text again. Of two names the longer one counts. */
export function markMentions(text: string, people: readonly Mentionable[]): MarkedPiece[] {
  const names = people
    .flatMap(({ id, name }) =>
      id === mentionAll ? everybody.map((word) => ({ id, name: word })) : [{ id, name }],
    )
    .filter(({ name }) => name !== '')
    .toSorted((a, b) => b.name.length - a.name.length)
  const pieces: MarkedPiece[] = []
  let done = 0
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const found = names.find(({ name }) => text.startsWith(name, at + 1) && endsWord(text, at, name))
    if (found === undefined || at < done || !beginsWord(text, at)) continue
    if (at > done) pieces.push({ words: text.slice(done, at) })
    done = at + 1 + found.name.length
    pieces.push({ words: text.slice(at, done), id: found.id })
  }
  if (done < text.length) pieces.push({ words: text.slice(done) })
  return pieces
}

/** Ids of whoever is mentioned, each once. */
export function mentionsIn(text: string, people: readonly Mentionable[]): string[] {
  return [...new Set(markMentions(text, people).flatMap((piece) => piece.id ?? []))]
}

const latin = /[\p{Script=Latin}\p{N}_]/u

/** `ann@home` is an address. */
function beginsWord(text: string, at: number): boolean {
  return at === 0 || !latin.test(text[at - 1] ?? '')
}

/** `@Anna` does not mention Ann; Han characters have no such edges. */
function endsWord(text: string, at: number, name: string): boolean {
  const next = text[at + 1 + name.length] ?? ''
  return !(latin.test(next) && latin.test(name.at(-1) ?? ''))
}
