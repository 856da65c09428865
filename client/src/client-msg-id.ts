/** 128 random bits; `crypto.randomUUID` is missing on pages that came over plain HTTP. */
export function newClientMsgId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')
}
