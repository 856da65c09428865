import { mentionAll, roles } from '@nexo-im/protocol'
import { UsersRound } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { useDesk } from '../chat/desk.ts'
import { useClient, useOwnId } from '../client.ts'
import { useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import { fetchNames } from '../people/names.ts'
import { type Candidate, candidateOf, isActive, matchingCandidates } from './mention-query.ts'

const shown = 8
/** In larger groups only admins mention everybody at once. */
const mentionAllLimit = 200
/** ms of silence before the server is asked for members that are not loaded. */
const searchPause = 150

/** Everybody who can be mentioned, as far as it is loaded: what is written by hand is recognised by these names. */
export function useCandidates(): readonly Candidate[] {
  const t = useText()
  const ownId = useOwnId()
  const { place, group, rights } = useDesk()
  if (place.type !== 'group') return []
  const members = group.members
    .filter((member) => isActive(member) && member.user_id !== ownId)
    .map((member) => candidateOf(member, group.names))
  const few = (group.record?.member_count ?? 0) <= mentionAllLimit
  const everybody = few || rights.role >= roles.admin ? [{ id: mentionAll, name: t('mention.all') }] : []
  return [...members, ...everybody]
}

/** Who fits what is being written behind the `@`; from the server, too, where not all members are loaded. */
export function useMatching(all: readonly Candidate[], query: string | undefined): readonly Candidate[] {
  const client = useClient()
  const ownId = useOwnId()
  const { place, group } = useDesk()
  const [found, setFound] = useState<readonly Candidate[]>([])
  const searches = group.hasMore && query !== undefined && query !== ''
  useEffect(() => {
    setFound([])
    if (!searches) return
    let wanted = true
    const search = async (): Promise<void> => {
      const members = await client.call('group.search_members', {
        group_id: place.groupId,
        query,
        limit: shown,
      })
      const ids = members.map((member) => member.user_id)
      const names = await fetchNames(client, ids)
      if (wanted) setFound(members.map((member) => candidateOf(member, names)))
    }
    const timer = setTimeout(() => void search().catch(() => undefined), searchPause)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [client, place.groupId, searches, query])
  if (query === undefined) return []
  const near = matchingCandidates(all, query, shown)
  const known = new Set([ownId, ...near.map((one) => one.id)])
  return [...near, ...found.filter((one) => !known.has(one.id))].slice(0, shown)
}

interface Props {
  id: string
  list: readonly Candidate[]
  active: number
  onPick: (candidate: Candidate) => void
}

/** The focus stays in the text; the arrow keys there move the choice. */
export function MentionList({ id, list, active, onPick }: Props): ReactNode {
  const t = useText()
  return (
    <div
      id={id}
      role="listbox"
      aria-label={t('mention.list')}
      className="menu absolute inset-x-0 bottom-full z-20 mb-1 max-h-72 max-w-sm overflow-y-auto rounded-2xl border
        border-line bg-raised p-1.5 shadow-high"
      data-state="open"
    >
      {list.map((candidate, i) => (
        <Option
          key={candidate.id}
          id={`${id}-${i}`}
          candidate={candidate}
          active={i === active}
          onPick={() => onPick(candidate)}
        />
      ))}
    </div>
  )
}

function Option(props: { id: string; candidate: Candidate; active: boolean; onPick: () => void }): ReactNode {
  const t = useText()
  const { id, candidate, active, onPick } = props
  const all = candidate.id === mentionAll
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the text field keeps the focus and names the active option
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above, the keys are the text field's
    <div
      id={id}
      role="option"
      aria-selected={active}
      // Pressing must not take the focus from the text.
      onPointerDown={(event) => event.preventDefault()}
      onClick={onPick}
      className={`flex h-10 cursor-pointer items-center gap-2.5 rounded-xl px-2 hover:bg-ink/5 ${active ? 'bg-ink/7' : ''}`}
    >
      {all ? (
        <span className="grid size-7 place-items-center rounded-full bg-tint text-accent-strong">
          <UsersRound size={16} aria-hidden="true" />
        </span>
      ) : (
        <Avatar id={candidate.id} name={candidate.name} size={28} />
      )}
      <span className="min-w-0 truncate text-left" dir="auto">
        {candidate.name}
      </span>
      <span className="min-w-0 flex-1 truncate text-small text-soft">
        {all ? t('mention.all.text') : candidate.id}
      </span>
    </div>
  )
}
