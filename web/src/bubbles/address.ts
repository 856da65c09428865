/** Where a URL or opaque reference of a message leads. */
export type Address =
  /** Served by our own server: may be loaded. */
  | { readonly kind: 'own'; readonly href: string }
  /** Another host: shown as a link, loaded only when somebody follows it. */
  | { readonly kind: 'foreign'; readonly href: string; readonly host: string }
  /** No address at all, e.g. a file id or a forbidden scheme. */
  | { readonly kind: 'opaque'; readonly words: string }

export function addressOf(raw: string, origin: string): Address {
  const url = URL.canParse(raw, origin) ? new URL(raw, origin) : undefined
  const rooted = raw.startsWith('/') || /^https?:/i.test(raw)
  if (url === undefined || !rooted || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return { kind: 'opaque', words: raw }
  }
  if (url.origin === origin) return { kind: 'own', href: url.href }
  return { kind: 'foreign', href: url.href, host: url.host }
}
