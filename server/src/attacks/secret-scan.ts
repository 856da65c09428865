const patterns: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\bgh[pousr]_[A-Za-z0-9]{36}/,
  /\bglpat-[\w-]{20}/,
  /\bnpm_[A-Za-z0-9]{36}/,
  /\bxox[abprs]-[\w-]{10,}/,
  /\bAIza[\w-]{35}/,
  /\b[sr]k_live_[A-Za-z0-9]{16,}/,
  /:_(?:authToken|auth|password)=[^\s$]{8,}/,
]
const assigned =
  /(?:secret|passw(?:or)?d|token|api_?key)["']?\s*[:=]\s*["']([A-Za-z0-9+/_-]{24,}={0,2})["']/gi
const inAddress = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'`]{1,64}:([^\s:/@"'`$*<{%]{12,})@/gi

/** What looks like a secret that somebody left in a text, shortened. */
export function secretsIn(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.length < 20_000)
  return lines.flatMap((line) => {
    const plain = patterns.flatMap((pattern) => pattern.exec(line)?.[0] ?? [])
    const guessed = [...line.matchAll(assigned), ...line.matchAll(inAddress)]
      .map((match) => match[1] ?? '')
      .filter((value) => entropy(value) > 3.3)
    return [...plain, ...guessed].map((secret) => `${secret.slice(0, 12)}…`)
  })
}

/** Bits a character: words and examples stay below 3.3, keys of random characters do not. */
function entropy(text: string): number {
  const counts = [...Map.groupBy(text, (char) => char).values()].map((same) => same.length / text.length)
  return counts.reduce((sum, share) => sum - share * Math.log2(share), 0)
}
