import type { ReactNode } from 'react'
import { Avatar } from '../people/avatar.tsx'
import { useMemberName } from './names.ts'

/** Somebody in a list of a window; `after` stands at the end of the line. */
export function PersonLine({ userId, after }: { userId: string; after?: ReactNode }): ReactNode {
  const name = useMemberName(userId)
  return (
    <li className="flex items-center gap-3 py-1.5">
      <Avatar id={userId} name={name} size={34} />
      <span className="min-w-0 flex-1 truncate text-left" dir="auto">
        {name}
      </span>
      {after}
    </li>
  )
}
