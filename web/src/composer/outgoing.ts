/** A frame of 51,200 bytes is the most a server takes by default; the rest of the frame needs some of it. */
const maxFrameText = 50_000

/** The words as they are sent: blank lines around them are slips of the keyboard, inner ones are meant. */
export function trimmed(text: string): string {
  return text.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd()
}

/** Whether a text fits into one frame, counted as the JSON it travels in. */
export function fitsFrame(text: string): boolean {
  if (text.length * 6 <= maxFrameText) return true
  return new TextEncoder().encode(JSON.stringify(text)).length <= maxFrameText
}
