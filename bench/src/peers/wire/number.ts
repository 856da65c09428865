import { digits } from '../../wire/digits.ts'

/** The message number that a text is; -1 for one that no generator stamped. */
export function numberOf(text: string | undefined): number {
  return text !== undefined && text.length === digits && /^\d+$/.test(text) ? Number(text) : -1
}
