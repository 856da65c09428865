import { type MouseEvent, type PointerEvent, useEffect, useRef } from 'react'

/** As long as phones themselves wait. */
const holdMs = 500
/** Pixels a finger may tremble. */
const slack = 10

interface Handlers {
  readonly onContextMenu: (event: MouseEvent) => void
  readonly onPointerDown: (event: PointerEvent) => void
  readonly onPointerMove: (event: PointerEvent) => void
  readonly onPointerUp: () => void
  readonly onPointerCancel: () => void
  readonly onClickCapture: (event: MouseEvent) => void
}

/** A right click or a finger that stays: both ask for the menu. Not every phone tells the second one by itself. */
export function useLongPress(onAsk: () => void): Handlers {
  const hold = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number } | undefined>(undefined)
  const asked = useRef(false)
  const end = (): void => {
    clearTimeout(hold.current?.timer)
    hold.current = undefined
  }
  useEffect(() => () => clearTimeout(hold.current?.timer), [])
  const ask = (): void => {
    end()
    onAsk()
  }
  return {
    onContextMenu: (event) => {
      event.preventDefault()
      if (!asked.current) ask()
    },
    onPointerDown: (event) => {
      end()
      asked.current = false
      if (event.pointerType !== 'touch') return
      const timer = setTimeout(() => {
        asked.current = true
        ask()
      }, holdMs)
      hold.current = { timer, x: event.clientX, y: event.clientY }
    },
    onPointerMove: (event) => {
      const { current } = hold
      if (current && Math.hypot(event.clientX - current.x, event.clientY - current.y) > slack) end()
    },
    onPointerUp: end,
    onPointerCancel: end,
    // Lifting the finger would otherwise follow the link.
    onClickCapture: (event) => {
      if (!asked.current) return
      asked.current = false
      event.preventDefault()
      event.stopPropagation()
    },
  }
}
