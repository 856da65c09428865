const encoder = new TextEncoder()

/**
 * Finds where the value of a JSON field begins without parsing the JSON. Frames of one kind are laid out alike,
 * so the place of the last hit is tried before the bytes are searched.
 */
export class FieldFinder {
  readonly #needle: Uint8Array
  #hint = 0

  constructor(needle: string) {
    this.#needle = encoder.encode(needle)
  }

  /** The place right after the needle, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const needle = this.#needle
    const last = end - needle.length
    if (start + this.#hint <= last && matches(bytes, start + this.#hint, needle)) {
      return start + this.#hint + needle.length
    }
    for (let at = start; at <= last; at++) {
      if (matches(bytes, at, needle)) {
        this.#hint = at - start
        return at + needle.length
      }
    }
    return -1
  }
}

function matches(bytes: Uint8Array, at: number, needle: Uint8Array): boolean {
  for (let i = 0; i < needle.length; i++) if (bytes[at + i] !== needle[i]) return false
  return true
}
