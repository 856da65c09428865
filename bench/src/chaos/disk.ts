import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from '../engines/program.ts'

const run = promisify(execFile)

/** A disk of its own: an ext4 file system in a file. */
export interface Disk {
  /** Where it is mounted. */
  readonly folder: string
  /**
   * What the disk holds at this moment, as after a power cut: writes that nobody synced are not on it. Whoever writes must
   * stand still. Returns the file.
   */
  copy(): Promise<string>
  /** Takes the file system away, whoever still has files of it open, and puts this one in its place. */
  swap(image: string): Promise<void>
  close(): Promise<void>
}

/** Why no disk can be made here, after trying; undefined = it can. */
export async function whyNoDisk(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'mounting a disk image needs root'
  for (const name of ['losetup', 'mount', 'umount', 'mkfs.ext4'])
    if (findProgram(name) === undefined) return `there is no ${name}`
  const folder = await mkdtemp(join(tmpdir(), 'nexo-disk-'))
  try {
    await (await openDisk(folder, 8)).close()
    return undefined
  } catch (error) {
    return `mounting a disk image is refused: ${error instanceof Error ? error.message.trim() : String(error)}`
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** @param folder holds the images, and is where they are mounted */
export async function openDisk(folder: string, megabytes: number): Promise<Disk> {
  const mounted = join(folder, 'disk')
  let image = join(folder, 'disk-0.img')
  let copies = 0
  await run('mkdir', ['-p', mounted])
  await run('truncate', ['-s', `${megabytes}M`, image])
  await run('mkfs.ext4', ['-q', '-F', '-m', '0', image])
  await mount(image, mounted)
  // A Ctrl-C must not leave it mounted.
  const follow = (): void => void execFileSync('umount', ['-l', mounted])
  process.on('exit', follow)
  return {
    folder: mounted,
    copy: async () => {
      copies += 1
      const to = join(folder, `disk-${copies}.img`)
      const device = await deviceOf(image)
      for (;;) {
        const before = await writesOf(device)
        await run('cp', ['--sparse=always', '--reflink=auto', image, to])
        // The kernel wrote meanwhile: the copy would be of two moments.
        if ((await writesOf(device)) === before) return to
      }
    },
    swap: async (to) => {
      await run('umount', ['-l', mounted])
      await rm(image)
      image = to
      await mount(image, mounted)
    },
    close: async () => {
      process.off('exit', follow)
      await run('umount', ['-l', mounted])
    },
  }
}

async function mount(image: string, folder: string): Promise<void> {
  await run('mount', ['-o', 'loop', image, folder])
}

/** `loop3` */
async function deviceOf(image: string): Promise<string> {
  const { stdout } = await run('losetup', ['-j', image, '-n', '-O', 'NAME'])
  return stdout.trim().replace('/dev/', '')
}

/** Writes begun and done so far. */
async function writesOf(device: string): Promise<string> {
  const fields = (await readFile(`/sys/block/${device}/stat`, 'utf8')).trim().split(/\s+/)
  return `${fields[4]} ${fields[6]} ${fields[8]}`
}
