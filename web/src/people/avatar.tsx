import { useGroup, useUser } from '@nexo-im/client/react'
import { type ReactNode, useState } from 'react'
import { useClient } from '../client.ts'
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

/** Decoration: the name always stands beside it. A picture is shown when it is on our own server. */
export function Avatar({ id, name, size = 46, group = false, online }: AvatarProps): ReactNode {
  const client = useClient()
  const user = useUser(client, group ? '' : id)
  const record = useGroup(client, group ? id : '')
  const picture = ownPicture((group ? record?.avatar : user?.avatar) ?? '')
  const [broken, setBroken] = useState<string | undefined>(undefined)
  const letters = initials(name)
  const borderRadius = group ? size * 0.32 : size
  return (
    <span className="relative inline-flex shrink-0" aria-hidden="true">
      <span
        className="avatar inline-flex items-center justify-center font-semibold select-none"
        style={{
          '--hue': hueOf(id),
          width: size,
          height: size,
          borderRadius,
          fontSize: size * (letters.length > 1 ? 0.36 : 0.42),
        }}
      >
        {picture === undefined || picture === broken ? (
          letters
        ) : (
          <img
            src={picture}
            alt=""
            loading="lazy"
            onError={() => setBroken(picture)}
            className="size-full object-cover"
            style={{ borderRadius }}
          />
        )}
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

/** Loading a picture from another host would tell that host who looks at whom, and when. */
function ownPicture(address: string): string | undefined {
  if (address === '' || !URL.canParse(address, location.origin)) return undefined
  const url = new URL(address, location.origin)
  return url.origin === location.origin ? url.href : undefined
}
