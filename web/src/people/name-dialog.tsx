import { type FormEvent, type ReactNode, useState } from 'react'
import { useText } from '../i18n/index.ts'
import { useAction } from '../ui/action.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'

interface NameDialogProps {
  readonly title: string
  readonly text: string
  readonly label: string
  readonly name: string
  /** What is shown while there is none. */
  readonly placeholder: string
  readonly tooLong: string
  /** Gets the name without white space at its ends; `''` takes it away. */
  readonly save: (name: string) => Promise<unknown>
  readonly onSaved?: () => void
  readonly onClose: () => void
}

const longest = 128

/** Asks for one name: of somebody else for oneself, or of oneself in a group. */
export function NameDialog(props: NameDialogProps): ReactNode {
  const { title, text, label, placeholder, tooLong, save, onSaved, onClose } = props
  const t = useText()
  const { busy, run } = useAction()
  const [name, setName] = useState(props.name)
  const long = [...name.trim()].length > longest
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (long || !(await run(() => save(name.trim())))) return
    onSaved?.()
    onClose()
  }
  return (
    <Dialog title={title} text={text} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Field
          label={label}
          value={name}
          dir="auto"
          autoComplete="off"
          placeholder={placeholder}
          problem={long ? tooLong : undefined}
          onChange={(event) => setName(event.target.value)}
        />
        <div className="mt-4 flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" busy={busy}>
            {t('action.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
