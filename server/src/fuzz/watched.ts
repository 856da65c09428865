/** The sources whose ways count: our own, and the packages that read for us. */
export function isOurs(url: string): boolean {
  return /\/(?:server|protocol)\/src\/(?!fuzz\/|simulation\/)|\/node_modules\/(?:jose|yaml|ws|typebox)\//.test(
    url,
  )
}
