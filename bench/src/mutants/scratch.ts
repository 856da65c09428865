import { rmSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { applied, type Mutant } from './mutant.ts'

/** A copy of the tree in which bugs are planted, so that nobody ever meets one in the tree itself. */
export interface Scratch {
  readonly folder: string
  /** Plants a bug. Throws, with nothing planted, where it does not fit the source any more. */
  plant(mutant: Mutant): Promise<void>
  /** Makes the files that a bug was planted in what they were. */
  heal(): Promise<void>
  remove(): void
}

/** What is made anew, what only git needs, and what is linked. */
const leftOut = new Set(['node_modules', '.git', 'coverage', 'test-results'])
const scope = '@nexo-im'

/** @param root of the tree as it stands, committed or not, with its packages installed */
export async function openScratch(root: string): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'nexo-mutants-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  process.once('exit', remove)
  await cp(root, folder, { recursive: true, filter: (from) => !leftOut.has(basename(from)) })
  await linkPackages(root, folder)
  const originals = new Map<string, string>()
  return {
    folder,
    plant: async ({ edits }) => {
      const sources = new Map<string, string>()
      for (const edit of edits) {
        const file = join(folder, edit.file)
        const original = originals.get(file) ?? (await readFile(file, 'utf8'))
        originals.set(file, original)
        sources.set(file, applied(edit, sources.get(file) ?? original))
      }
      for (const [file, source] of sources) await writeFile(file, source)
    },
    heal: async () => {
      for (const [file, source] of originals) await writeFile(file, source)
      originals.clear()
    },
    remove,
  }
}

/** Our own packages are those of the copy: what is planted in one must be met by all who import it. */
async function linkPackages(root: string, folder: string): Promise<void> {
  const installed = join(root, 'node_modules')
  const linked = join(folder, 'node_modules')
  await mkdir(join(linked, scope), { recursive: true })
  for (const name of await readdir(installed)) {
    // Dot folders are caches of tools, which must not be shared.
    if (name !== scope && !name.startsWith('.')) await symlink(join(installed, name), join(linked, name))
  }
  for (const name of await readdir(join(installed, scope)))
    await symlink(join(folder, name), join(linked, scope, name))
}
