/** What the platform knows about its network; a runtime without such knowledge is always online. */
export interface Network {
  online(): boolean
  /** Returns the way out. */
  watch(listener: (online: boolean) => void): () => void
}

export function platformNetwork(): Network {
  const scope: Partial<Pick<typeof globalThis, 'addEventListener' | 'removeEventListener' | 'navigator'>> =
    globalThis
  return {
    // Only a clear `false` counts: Node's navigator has no such property at all.
    online: () => scope.navigator?.onLine !== false,
    watch: (listener) => {
      const up = (): void => listener(true)
      const down = (): void => listener(false)
      scope.addEventListener?.('online', up)
      scope.addEventListener?.('offline', down)
      return () => {
        scope.removeEventListener?.('online', up)
        scope.removeEventListener?.('offline', down)
      }
    },
  }
}
