import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

/** `deploy/nginx.conf` as it runs on this machine, in front of nodes on ports of 127.0.0.1. */
export interface Balancer {
  readonly url: string
  stop(): Promise<void>
}

const shipped = join(import.meta.dirname, '../../../deploy/nginx.conf')
const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

/** Its program; undefined, with a line that says so, when there is none. */
export function nginxProgram(): string | undefined {
  const named = process.env['NGINX_PATH']
  const found = [named ?? '', '/usr/sbin/nginx', '/usr/bin/nginx'].find(
    (file) => file !== '' && existsSync(file),
  )
  if (found === undefined)
    process.stderr.write('nginx: not tested, NGINX_PATH is not set (npm test installs it and sets it)\n')
  return found
}

/** The shipped file with nothing changed but where it listens, whom it calls and where it writes. */
function rendered(folder: string, port: number, nodes: readonly string[]): string {
  const server = /^ *server nexo-1:8080 (.*);$/m.exec(readFileSync(shipped, 'utf8'))
  const servers = nodes.map((url) => `    server ${new URL(url).host} ${server?.[1] ?? ''};`).join('\n')
  const places = temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')
  return readFileSync(shipped, 'utf8')
    .replace(/^ *server nexo-1:.*\n *server nexo-2:.*$/m, servers)
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
    .replaceAll('/var/log/nginx', folder)
    .replace('http {\n', `http {\n${places}\n`)
}

/** Needs no root. Throws with what nginx says when it does not start. @param nodes their URLs */
export async function startNginx(program: string, nodes: readonly string[]): Promise<Balancer> {
  const folder = mkdtempSync(join(tmpdir(), 'nexo-nginx-'))
  const port = await freePort()
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, rendered(folder, port, nodes))
  const here = `daemon off; pid ${folder}/nginx.pid;${process.getuid?.() === 0 ? ' user root;' : ''}`
  const said = join(folder, 'start.log')
  writeFileSync(said, '')
  const child = spawn(program, ['-p', folder, '-e', said, '-c', file, '-g', here], { stdio: 'ignore' })
  const follow = (): void => void child.kill('SIGKILL')
  process.on('exit', follow)
  const url = `http://127.0.0.1:${port}`
  const stop = async (): Promise<void> => {
    process.off('exit', follow)
    if (child.exitCode === null) {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    }
    rmSync(folder, { recursive: true, force: true })
  }
  while (!(await answers(url))) {
    if (child.exitCode !== null) {
      const words = readFileSync(said, 'utf8')
      await stop()
      throw new Error(`nginx ended:\n${words}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return { url, stop }
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(`${url}/health`)).arrayBuffer()
    return true
  } catch {
    return false
  }
}
