import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findProgram } from '../engines/program.ts'

export interface Proxy {
  readonly url: string
  stop(): Promise<void>
}

/** From NGINX_PATH, else as any program. */
export function nginxProgram(): string | undefined {
  const named = process.env['NGINX_PATH']
  return named !== undefined && named !== '' && existsSync(named) ? named : findProgram('nginx')
}

/**
 * Nothing sticky: every connection goes to the node with the fewest. A node that refuses is asked again after a second,
 * and its request goes to the next one, unless bytes of it may have arrived there.
 */
function configuration(folder: string, port: number, nodes: readonly string[]): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 4096; }
http {
  access_log off;
${temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream nexo {
    least_conn;
${nodes.map((node) => `    server ${node} max_fails=1 fail_timeout=1s;`).join('\n')}
    keepalive 32;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://nexo;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_connect_timeout 1s;
      proxy_read_timeout 75s;
    }
  }
}
`
}

/** An nginx of our own in front of these nodes (`host:port`). Needs no root. */
export async function startNginx(folder: string, port: number, nodes: readonly string[]): Promise<Proxy> {
  const program = nginxProgram()
  if (program === undefined) throw new Error('there is no nginx: install it or set NGINX_PATH')
  await mkdir(folder)
  const file = join(folder, 'nginx.conf')
  await writeFile(file, configuration(folder, port, nodes))
  const said = join(folder, 'error.log')
  await writeFile(said, '')
  const child = spawn(program, ['-p', folder, '-e', said, '-c', file], { stdio: 'ignore' })
  const follow = (): void => void child.kill('SIGTERM')
  process.on('exit', follow)
  const gone = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`nginx ended:\n${await readFile(said, 'utf8')}`)
    await sleep(20)
  }
  return {
    url,
    stop: async () => {
      process.off('exit', follow)
      child.kill('SIGTERM')
      await gone
    },
  }
}

/** Whatever it says: a 502 of a proxy without nodes is an answer too. */
async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).arrayBuffer()
    return true
  } catch {
    return false
  }
}
