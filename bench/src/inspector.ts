import { once } from 'node:events'
import { WebSocket } from 'ws'

/** The inspector of a running process: how its heap is looked at from outside. */
export interface Inspector {
  /** Bytes that are still used after a full collection, those outside of the heap that it holds included. */
  heapAfterCollection(): Promise<number>
  close(): void
}

interface Answer {
  readonly id?: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

/** @param url as the process prints it when started with `--inspect` */
export async function openInspector(url: string): Promise<Inspector> {
  const socket = new WebSocket(url)
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let next = 1
  socket.on('message', (data: Buffer) => {
    const { id, result, error } = JSON.parse(data.toString()) as Answer
    if (id === undefined) return
    const asked = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) asked?.resolve(result)
    else asked?.reject(new Error(error.message))
  })
  socket.on('close', () => {
    for (const asked of waiting.values()) asked.reject(new Error('the inspector is gone'))
  })
  await once(socket, 'open')
  const ask = (method: string): Promise<unknown> => {
    const asked = Promise.withResolvers<unknown>()
    const id = next++
    waiting.set(id, asked)
    socket.send(JSON.stringify({ id, method }))
    return asked.promise
  }
  return {
    heapAfterCollection: async () => {
      await ask('HeapProfiler.collectGarbage')
      const { usedSize, backingStorageSize = 0 } = (await ask('Runtime.getHeapUsage')) as {
        readonly usedSize: number
        readonly backingStorageSize?: number
      }
      return usedSize + backingStorageSize
    },
    close: () => socket.close(),
  }
}
