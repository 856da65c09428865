import { type PointerEvent, useRef } from 'react'

const pressMs = 450
/** Pixels a resting finger may move. */
const slip = 9

interface Handlers {
  onPointerDown: (event: PointerEvent<HTMLElement>) => void
  onPointerMove: (event: PointerEvent<HTMLElement>) => void
  onPointerUp: () => void
  onPointerCancel: () => void
}

/** A finger that rests: some phones tell no context menu of it. */
export function useLongPress(open: (x: number, y: number, element: HTMLElement) => void): Handlers {
  const pending = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number } | undefined>(
    undefined,
  )
  const stop = (): void => {
    clearTimeout(pending.current?.timer)
    pending.current = undefined
  }
  return {
    onPointerDown: (event) => {
      stop()
      const { currentTarget: element, clientX: x, clientY: y } = event
      if (event.pointerType !== 'touch' || !element.contains(event.target as Node)) return
      const timer = setTimeout(() => {
        stop()
        open(x, y, element)
      }, pressMs)
      pending.current = { timer, x, y }
    },
    onPointerMove: ({ clientX, clientY }) => {
      const start = pending.current
      if (start !== undefined && Math.hypot(clientX - start.x, clientY - start.y) > slip) stop()
    },
    onPointerUp: stop,
    onPointerCancel: stop,
  }
}
