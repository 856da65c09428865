import type { ReactNode } from 'react'
import { hueOf, initials } from './initials.ts'

interface AvatarProps {
  /** Decides the colour. */
  id: string
  name: string
  /** Pixels. */
  size?: number
  /** Groups are squarer than people, so that one can tell them apart at a glance. */
  group?: boolean
  /** Draws the presence dot when given. */
  online?: boolean | undefined
}

/** Decoration: the name always stands beside it. */
export function Avatar({ id, name, size = 46, group = false, online }: AvatarProps): ReactNode {
  const letters = initials(name)
  return (
    <span className="relative inline-flex shrink-0" aria-hidden="true">
      <span
        className="avatar inline-flex items-center justify-center font-semibold select-none"
        style={{
          '--hue': hueOf(id),
          width: size,
          height: size,
          borderRadius: group ? size * 0.32 : size,
          fontSize: size * (letters.length > 1 ? 0.36 : 0.42),
        }}
      >
        {letters}
      </span>
      {online === true ? (
        <span
          data-presence="online"
          className="absolute -right-0.5 -bottom-0.5 rounded-full border-2 border-paper bg-good"
          style={{ width: Math.max(11, size * 0.28), height: Math.max(11, size * 0.28) }}
        />
      ) : null}
    </span>
  )
}
