import type { ChatMessage } from '@nexo-im/client'
import { Check, Search } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useClient } from '../client.ts'
import { explain, isKind } from '../failures.ts'
import { type Text, useText } from '../i18n/index.ts'
import { Avatar } from '../people/avatar.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { frame } from '../ui/field.tsx'
import { useToast } from '../ui/toast.tsx'
import { useDesk } from './desk.ts'
import { matchingTargets, type Target, useForwardTargets } from './forward-targets.ts'

interface Props {
  messages: readonly ChatMessage[]
  onClose: () => void
  onDone: () => void
}

/** As many chats at once as other messengers allow. */
const mostTargets = 9

/** Sends messages on to one or several chats, each by itself or all in one bundle. */
export function ForwardDialog({ messages, onClose, onDone }: Props): ReactNode {
  const t = useText()
  const forward = useForward(messages)
  const [chosen, setChosen] = useState<ReadonlyMap<string, Target>>(new Map())
  const [merged, setMerged] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problems, setProblems] = useState<readonly string[]>([])
  const toggle = (target: Target): void => {
    const next = new Map(chosen)
    if (!next.delete(target.id) && next.size < mostTargets) next.set(target.id, target)
    setChosen(next)
  }
  const send = async (): Promise<void> => {
    setBusy(true)
    const refused = await forward([...chosen.values()], merged)
    setBusy(false)
    setProblems([...refused.values()])
    if (refused.size > 0) {
      setChosen(new Map([...chosen].filter(([id]) => refused.has(id))))
      return
    }
    onDone()
    onClose()
  }
  return (
    <Dialog title={t.count('forward.title', messages.length)} onClose={onClose}>
      {messages.length > 1 ? <Way merged={merged} onChange={setMerged} /> : null}
      <Targets chosen={chosen} onToggle={toggle} />
      {problems.map((problem) => (
        <p key={problem} role="alert" className="mt-2 text-small text-danger">
          {problem}
        </p>
      ))}
      <div className="mt-4 flex justify-end gap-2">
        <Button look="quiet" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button busy={busy} disabled={chosen.size === 0} onClick={() => void send()}>
          {chosen.size > 1 ? t.count('forward.to', chosen.size) : t('forward.send')}
        </Button>
      </div>
    </Dialog>
  )
}

/** Resolves with a sentence for every chat that could not be sent to. */
function useForward(
  messages: readonly ChatMessage[],
): (targets: readonly Target[], merged: boolean) => Promise<Map<string, string>> {
  const t = useText()
  const client = useClient()
  const toast = useToast()
  const { place } = useDesk()
  const seqs = messages.map((message) => message.seq)
  const options = { merged: true, title: t('forward.merged.title', { title: place.title }).slice(0, 128) }
  return async (targets, merged) => {
    const refused = new Map<string, string>()
    for (const target of targets) {
      try {
        await client.forward(place.id, seqs, target.to, merged ? options : {})
      } catch (failure) {
        refused.set(target.id, t('forward.failed', { name: target.name, reason: reasonOf(failure, t) }))
      }
    }
    if (refused.size < targets.length) toast('done', t('forward.done'))
    return refused
  }
}

function reasonOf(failure: unknown, t: Text): string {
  return isKind(failure, 'conflict') ? t('forward.expiring') : explain(failure, t)
}

function Way({ merged, onChange }: { merged: boolean; onChange: (merged: boolean) => void }): ReactNode {
  const t = useText()
  const option = (value: boolean, words: string): ReactNode => (
    <label className="flex-1 cursor-pointer">
      <input
        type="radio"
        name="forward-way"
        className="peer sr-only"
        checked={merged === value}
        onChange={() => onChange(value)}
      />
      <span
        className="block rounded-lg py-1.5 text-center text-small font-medium text-soft peer-checked:bg-raised
          peer-checked:text-ink peer-checked:shadow-low peer-focus-visible:outline-2 peer-focus-visible:outline-accent"
      >
        {words}
      </span>
    </label>
  )
  return (
    <fieldset className="mb-3 flex rounded-xl bg-ink/6 p-1">
      <legend className="sr-only">{t('forward.way')}</legend>
      {option(false, t('forward.single'))}
      {option(true, t('forward.merged'))}
    </fieldset>
  )
}

interface TargetsProps {
  chosen: ReadonlyMap<string, Target>
  onToggle: (target: Target) => void
}

/** Rows drawn at once; who has more conversations than this searches. */
const shownTargets = 60

function Targets({ chosen, onToggle }: TargetsProps): ReactNode {
  const t = useText()
  const all = useForwardTargets()
  const [query, setQuery] = useState('')
  const found = matchingTargets(all, query).slice(0, shownTargets)
  return (
    <>
      <label className={`${frame} mb-2 h-10`}>
        <Search size={16} className="ms-3 shrink-0 text-faint" aria-hidden="true" />
        <input
          type="text"
          role="searchbox"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          aria-label={t('forward.search')}
          placeholder={t('forward.search')}
          className="h-full min-w-0 flex-1 bg-transparent px-2 text-small outline-none placeholder:text-faint"
        />
      </label>
      {found.length === 0 ? (
        <p className="py-6 text-center text-small text-soft">
          {t(all.length === 0 ? 'forward.empty' : 'forward.none')}
        </p>
      ) : (
        <ul className="-mx-2 h-72 max-h-[45dvh] overflow-y-auto px-1 py-1">
          {found.map((target) => (
            <TargetRow
              key={target.id}
              target={target}
              chosen={chosen.has(target.id)}
              onToggle={() => onToggle(target)}
            />
          ))}
        </ul>
      )}
    </>
  )
}

function TargetRow(props: { target: Target; chosen: boolean; onToggle: () => void }): ReactNode {
  const { target, chosen, onToggle } = props
  return (
    <li>
      <label className="flex cursor-pointer items-center gap-3 rounded-xl px-2 py-1.5 hover:bg-ink/4 has-focus-visible:outline-2 has-focus-visible:outline-accent">
        <input type="checkbox" className="peer sr-only" checked={chosen} onChange={onToggle} />
        <Avatar id={target.of} name={target.name} size={36} group={target.inGroup} />
        <span className="min-w-0 flex-1 truncate text-left" dir="auto">
          {target.name}
        </span>
        <span
          className={`grid size-5.5 place-items-center rounded-full border-2 ${chosen ? 'border-accent bg-accent text-on-accent' : 'border-ink/30'}`}
        >
          {chosen ? <Check size={13} strokeWidth={3} aria-hidden="true" /> : null}
        </span>
      </label>
    </li>
  )
}
