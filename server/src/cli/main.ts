#!/usr/bin/env node
import { serve } from './serve.ts'
import { verify } from './verify.ts'

const [command = 'serve', ...rest] = process.argv.slice(2)
const usage = `usage: nexo serve [--port N] [--host H] [--data DIR] [--config FILE]
       nexo verify [--data DIR] [--config FILE]   checks the stored logs; the server must not run`

if (Number(process.versions.node.split('.')[0]) < 24) {
  fail(`Nexo IM needs Node 24 or newer, this is ${process.version}; "npm start" brings it along`)
}
if (command === 'help' || command === '--help') {
  process.stdout.write(`${usage}\n`)
} else if (command === 'serve' || command.startsWith('--')) {
  await serve(command === 'serve' ? rest : [command, ...rest]).catch((error: unknown) =>
    fail(String((error as Error).message)),
  )
} else if (command === 'verify') {
  const { lines, sound } = await verify(rest, (line) => process.stderr.write(`${line}\n`)).catch(
    (error: unknown) => fail(String((error as Error).message)),
  )
  for (const line of lines) process.stdout.write(`${line}\n`)
  process.exitCode = sound ? 0 : 1
} else {
  fail(`there is no command "${command}"; ${usage}`)
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
