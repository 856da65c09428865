#!/usr/bin/env node
import type { Terminal } from './arguments.ts'
import { runCommand } from './program.ts'

const terminal = createTerminal()
if (Number(process.versions.node.split('.')[0]) < 24) {
  terminal.err(`Nexo IM needs Node 24 or newer, this is ${process.version}; "npm start" brings it along`)
  process.exitCode = 1
} else {
  process.exitCode = await runCommand(process.argv.slice(2), terminal)
}

function createTerminal(): Terminal {
  const stop = new AbortController()
  let isListening = false
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    isLive: process.stderr.isTTY,
    get signal() {
      // Only for commands that look at it: the others end, or stop, in their own manner.
      if (!isListening) {
        isListening = true
        // The second signal ends the process at once.
        for (const signal of ['SIGINT', 'SIGTERM'] as const)
          process.once(signal, () => stop.abort(new Error('interrupted')))
      }
      return stop.signal
    },
  }
}
