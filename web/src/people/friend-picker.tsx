import { Check } from 'lucide-react'
import type { ReactNode } from 'react'
import { useText } from '../i18n/index.ts'
import { Avatar } from './avatar.tsx'
import { shownName, useFriends } from './relations.ts'

interface Props {
  chosen: readonly string[]
  /** Whoever is there already. */
  without: readonly string[]
  onChange: (ids: readonly string[]) => void
}

/** Friends to tick; nothing while there are none. */
export function FriendPicker({ chosen, without, onChange }: Props): ReactNode {
  const t = useText()
  const friends = (useFriends() ?? []).filter((friend) => !without.includes(friend.user_id))
  if (friends.length === 0) return null
  const toggle = (id: string): void =>
    onChange(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id])
  return (
    <fieldset className="mb-4">
      <legend className="mb-1 text-small font-medium">{t('group.invite.friends')}</legend>
      <ul className="-mx-2 max-h-52 overflow-y-auto">
        {friends.map((friend) => {
          const { user_id: id } = friend
          const name = shownName(friend)
          return (
            <li key={id}>
              <label
                className="flex cursor-pointer items-center gap-3 rounded-xl px-2 py-1.5 -outline-offset-2
                  outline-accent hover:bg-ink/4 has-focus-visible:outline-2"
              >
                <Avatar id={id} name={name} size={34} />
                <span className="min-w-0 flex-1 truncate text-left" dir="auto">
                  {name}
                </span>
                <input
                  type="checkbox"
                  className="peer sr-only"
                  checked={chosen.includes(id)}
                  onChange={() => toggle(id)}
                />
                <span
                  aria-hidden="true"
                  className="grid size-5 place-items-center rounded-md border border-ink/25 text-transparent
                    peer-checked:border-accent peer-checked:bg-accent peer-checked:text-on-accent"
                >
                  <Check size={14} strokeWidth={3} />
                </span>
              </label>
            </li>
          )
        })}
      </ul>
    </fieldset>
  )
}
