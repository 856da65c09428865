import type { Member } from '@nexo-im/protocol'
import { memberStatus } from '@nexo-im/protocol'
import { fold } from '../conversations/filter.ts'

export interface MentionQuery {
  /** Index of the `@`. */
  readonly from: number
  readonly to: number
  readonly query: string
}

const longest = 32

/** The mention that is being written in front of the caret; undefined when none is. */
export function mentionQueryAt(text: string, caret: number): MentionQuery | undefined {
  const from = text.lastIndexOf('@', caret - 1)
  if (from < 0 || caret - from > longest) return undefined
  const query = text.slice(from + 1, caret)
  // One space is part of many names, a second one ends them; an `@` after a letter is an address.
  if (/[\n@]|\s.*\s|^\s/.test(query) || /[\p{Script=Latin}\p{N}_]/u.test(text[from - 1] ?? ''))
    return undefined
  return { from, to: caret, query }
}

export interface Candidate {
  readonly id: string
  /** What is written behind the `@`. */
  readonly name: string
}

/** A member as one mentions them: by group nickname, nickname, or id. */
export function candidateOf(member: Member, names: ReadonlyMap<string, string>): Candidate {
  const { user_id: id, group_nickname: nickname } = member
  return { id, name: nickname || names.get(id) || id }
}

/** Those of whom a word begins as it is written; the ones whose name begins so first. */
export function matchingCandidates(all: readonly Candidate[], query: string, most: number): Candidate[] {
  const wanted = fold(query)
  const begins = all.filter((one) => fold(one.name).startsWith(wanted))
  const within = all.filter(
    (one) =>
      !begins.includes(one) &&
      (fold(one.id).startsWith(wanted) ||
        fold(one.name)
          .split(/[\s_.-]+/)
          .some((word) => word.startsWith(wanted))),
  )
  return [...begins, ...within].slice(0, most)
}

export function isActive(member: Member): boolean {
  return member.status === memberStatus.normal
}

/** The text with the mention written out, and where the caret goes. */
export function completed(
  text: string,
  { from, to }: MentionQuery,
  name: string,
): { text: string; caret: number } {
  const words = `@${name} `
  const rest = text.slice(to).replace(/^ /, '')
  return { text: text.slice(0, from) + words + rest, caret: from + words.length }
}
