/** A list of listeners; one that throws disturbs neither the others nor the caller. */
export interface Listeners<T> {
  add(listener: (value: T) => void): () => void
  tell(value: T): void
}

export function createListeners<T>(): Listeners<T> {
  const all = new Set<{ readonly hear: (value: T) => void }>()
  return {
    add: (hear) => {
      // Boxed, so that one function added twice is called twice and leaves once.
      const box = { hear }
      all.add(box)
      return () => {
        all.delete(box)
      }
    },
    tell: (value) => {
      for (const { hear } of [...all]) {
        try {
          hear(value)
        } catch (thrown) {
          queueMicrotask(() => {
            throw thrown
          })
        }
      }
    },
  }
}

/** Rings once per turn, however often it was pulled. */
export interface Bell {
  pull(): void
  subscribe(listener: () => void): () => void
}

export function createBell(): Bell {
  const listeners = createListeners<undefined>()
  let pulled = false
  return {
    pull: () => {
      if (pulled) return
      pulled = true
      queueMicrotask(() => {
        pulled = false
        listeners.tell(undefined)
      })
    },
    subscribe: (listener) => listeners.add(() => listener()),
  }
}
