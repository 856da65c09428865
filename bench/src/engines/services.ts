import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Servers of our own, with a new folder; they go with `stop`, or with this process. */
export interface Services {
  /** By variable: MYSQL_URL, REDIS_URL, NATS_URL, MONGODB_URL, NGINX_PATH. */
  readonly urls: Readonly<Record<string, string>>
  stop(): Promise<void>
}

const program = fileURLToPath(new URL('../../../scripts/services/main.mjs', import.meta.url))
const variables = ['MYSQL_URL', 'MONGODB_URL', 'REDIS_URL', 'NATS_URL', 'NGINX_PATH']

/**
 * Starts these services privately, whatever the environment names. Rejects with the reason when one cannot be had.
 * @param folder their data lies below it
 */
export async function startServices(names: readonly string[], folder: string): Promise<Services> {
  const environment = { ...process.env, NEXO_SERVICES_FOLDER: folder }
  for (const variable of variables) Reflect.deleteProperty(environment, variable)
  const child = spawn(process.execPath, [program, ...names], {
    // With this it ends when its parent does, in whatever way.
    env: { ...environment, npm_lifecycle_event: 'bench' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const follow = (): void => void child.kill('SIGTERM')
  process.on('exit', follow)
  const gone = once(child, 'exit')
  const stop = async (): Promise<void> => {
    process.off('exit', follow)
    child.kill('SIGTERM')
    await gone
  }
  let said = ''
  let printed = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const ready = new Promise<boolean>((resolve) => {
    child.stderr.on('data', () => said.includes('run until Ctrl-C') && resolve(true))
    child.once('exit', () => resolve(false))
  })
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  const isReady = await ready
  const found = [...printed.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, url]) => [name, url] as const)
  if (isReady && found.length === names.length)
    return { urls: Object.fromEntries(found) as Record<string, string>, stop }
  await stop()
  throw new Error(`${names.join(', ')} could not be started:\n${said.trim().slice(-2000)}`)
}
