/** A text without the passwords of the URLs in it, also where one holds an `@` of its own. */
export function withoutPasswords(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)([^\s:/@?]*):[^\s]*@/gi, '$1$2:***@')
    .replace(/([?&]password=)[^&\s"']+/gi, '$1***')
}
