import { useFriendRequests } from '@nexo-im/client/react'
import type { Relation } from '@nexo-im/protocol'
import { UserPlus } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { useClient } from '../client.ts'
import { fold } from '../conversations/filter.ts'
import { SearchField } from '../conversations/search-field.tsx'
import { explain } from '../failures.ts'
import { useText } from '../i18n/index.ts'
import { addressOf } from '../route.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Spinner, useSlow } from '../ui/spinner.tsx'
import { AddFriendDialog } from './add-friend-dialog.tsx'
import { Avatar } from './avatar.tsx'
import { PersonPopover } from './person-popover.tsx'
import { CustomStatusLine, PresenceWords, useIsOnline } from './presence.tsx'
import { shownName, useFriends } from './relations.ts'
import { Requests } from './requests.tsx'

/** Friends and what waits to become one. */
export function Contacts(): ReactNode {
  const t = useText()
  const [query, setQuery] = useState('')
  const [adding, setAdding] = useState(false)
  const failure = useLoading()
  const friends = useFriends()
  const slow = useSlow(friends === undefined && failure === undefined)
  return (
    <>
      <div className="flex items-center gap-1.5 px-3 pb-2.5">
        <SearchField value={query} onChange={setQuery} label={t('friends.search')} />
        <IconButton label={t('friends.add')} onClick={() => setAdding(true)}>
          <UserPlus size={19} />
        </IconButton>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2 pb-3">
        {failure === undefined ? null : (
          <p role="alert" className="px-4 py-3 text-small text-danger">
            {t('friends.failed')} {explain(failure, t)}
          </p>
        )}
        {slow ? (
          <div className="grid place-items-center py-8">
            <Spinner label={t('app.loading')} />
          </div>
        ) : null}
        <Requests />
        {friends === undefined ? null : (
          <Friends friends={friends} query={query} onAdd={() => setAdding(true)} />
        )}
      </div>
      {adding ? <AddFriendDialog onClose={() => setAdding(false)} /> : null}
    </>
  )
}

/** The failure of the first look; the model asks again by itself with every new connection. */
function useLoading(): unknown {
  const client = useClient()
  const [failure, setFailure] = useState<unknown>(undefined)
  useEffect(() => {
    let wanted = true
    Promise.all([client.loadRelations(), client.loadFriendRequests()]).catch(
      (thrown: unknown) => wanted && setFailure(thrown),
    )
    return () => {
      wanted = false
    }
  }, [client])
  const known = client.model.relations() !== undefined && client.model.friendRequests() !== undefined
  return known ? undefined : failure
}

interface FriendsProps {
  friends: readonly Relation[]
  query: string
  onAdd: () => void
}

function Friends({ friends, query, onAdd }: FriendsProps): ReactNode {
  const t = useText()
  const requests = useFriendRequests(useClient())
  const waiting = (requests?.incoming.length ?? 0) + (requests?.outgoing.length ?? 0)
  if (friends.length === 0) {
    return waiting > 0 ? null : (
      <div className="flex flex-col items-center gap-2 px-8 pt-14 text-center">
        <p className="font-semibold">{t('friends.empty.title')}</p>
        <p className="text-small text-soft">{t('friends.empty.text')}</p>
        <Button className="mt-3" onClick={onAdd}>
          {t('friends.add')}
        </Button>
      </div>
    )
  }
  const shown = matchingPeople(friends, query)
  if (shown.length === 0) {
    return (
      <p className="px-6 py-8 text-center text-small text-soft">
        {t('friends.noMatch', { query: query.trim() })}
      </p>
    )
  }
  return (
    <>
      <h2 className="px-2.5 pt-2 pb-1 text-micro font-medium text-faint">
        {t.count('friends.count', shown.length)}
      </h2>
      <ul aria-label={t('friends.title')}>
        {shown.map((friend) => (
          <FriendRow key={friend.user_id} friend={friend} />
        ))}
      </ul>
    </>
  )
}

function FriendRow({ friend }: { friend: Relation }): ReactNode {
  const t = useText()
  const client = useClient()
  const { user_id: id, is_blocked } = friend
  const name = shownName(friend)
  const online = useIsOnline(id)
  return (
    <li
      data-friend={id}
      className="flex items-center gap-3 rounded-2xl px-2.5 py-2 transition-colors [contain-intrinsic-size:auto_3.75rem]
        [content-visibility:auto] hover:bg-ink/4"
    >
      <PersonPopover userId={id} className="rounded-full">
        <Avatar id={id} name={name} size={42} online={online} />
      </PersonPopover>
      <a href={addressOf(client.conversationWith(id))} className="min-w-0 flex-1 rounded-lg">
        <span className="block truncate text-left font-medium" dir="auto">
          {name}
        </span>
        <span className="flex min-w-0 gap-2 text-small text-soft">
          {is_blocked ? <span className="text-danger!">{t('friends.blocked')}</span> : null}
          <CustomStatusLine userId={id} className="min-w-0" />
          <span className="shrink-0 not-only:hidden">
            <PresenceWords userId={id} />
          </span>
        </span>
      </a>
    </li>
  )
}

/** Every word of the query occurs in the name, the nickname or the id. */
function matchingPeople(people: readonly Relation[], query: string): readonly Relation[] {
  const words = fold(query)
    .split(/\s+/)
    .filter((word) => word !== '')
  return people.filter(({ user_id: id, remark, user }) => {
    const text = fold(`${remark} ${user?.nickname ?? ''} ${id}`)
    return words.every((word) => text.includes(word))
  })
}
