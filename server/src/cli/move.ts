import { openStore } from '../storage/open.ts'
import { command, UsageError } from './arguments.ts'
import { fileOf, refuseMissing } from './place.ts'
import { showMove } from './showing.ts'

export const move = command({
  name: 'move',
  summary: 'copies everything from one store into another, empty one and compares them',
  options: {
    from: {
      value: 'URL',
      prose: 'store that holds the data: sqlite:<path>, mysql://…, mongodb://…, redis://…',
    },
    to: { value: 'URL', prose: 'empty store that is to hold them' },
    resume: { prose: 'goes on with a move that was interrupted: what is there already is not written again' },
  },
  notes: [
    'No service may run on either store. Both are read in full afterwards: the verdict is a table of counts with one',
    'SHA-256 over everything, or every difference with its place. Until both are equal no service starts on the target.',
  ],
  async run({ from, to, resume }, terminal) {
    if (from === undefined || to === undefined) throw new UsageError('--from URL and --to URL are needed')
    if (from === to || (fileOf(from) !== undefined && fileOf(from) === fileOf(to)))
      throw new UsageError('--from and --to name the same store')
    if (to.startsWith('memory:')) throw new UsageError('--to memory: would end with this command')
    refuseMissing(from)
    // From here on Ctrl-C is listened to.
    terminal.signal.throwIfAborted()
    const source = await openStore(from, terminal.err)
    try {
      const target = await openStore(to, terminal.err)
      try {
        return await showMove(source, target, resume ?? false, terminal)
      } finally {
        await target.close()
      }
    } finally {
      await source.close()
    }
  },
})
