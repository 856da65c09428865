/** One text in one file that becomes another. */
export interface Edit {
  /** From the root of the repository. */
  readonly file: string
  /** Stands exactly once in the file; elsewhere the mutant is out of date. */
  readonly find: string
  readonly replace: string
}

/** A planted bug, and who must notice it. */
export interface Mutant {
  readonly id: string
  /** What goes wrong, in words. */
  readonly what: string
  readonly edits: readonly Edit[]
  /** Test files, one of which must go red. */
  readonly suites?: readonly string[]
  /** What only a fault under load shows: arguments of `npm run chaos`. */
  readonly chaos?: readonly string[]
}

/** Throws a sentence when the text does not stand exactly once in the source. */
export function applied({ file, find, replace }: Edit, source: string): string {
  const at = source.indexOf(find)
  if (at < 0) throw new Error(`${file} does not contain: ${find}`)
  if (source.includes(find, at + 1)) throw new Error(`${file} contains more than once: ${find}`)
  return source.slice(0, at) + replace + source.slice(at + find.length)
}
