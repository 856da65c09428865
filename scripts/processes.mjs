import { spawn } from 'node:child_process'
import { Problem } from './prepare.mjs'

/** How long a server that saw the terminal's Ctrl-C itself may take before it is told again. */
const repeatAfterMs = 3000
const orphanCheckMs = 200

/**
 * Starts a program on our terminal, hands our signals on and waits for it.
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @param {AbortSignal} [cancel] ends the program with SIGTERM
 * @returns {Promise<number>} its exit code; 128 + n when signal n ended it
 */
export function runInForeground(program, args, options = {}, cancel) {
  const child = spawn(program, args, { stdio: 'inherit', ...options })
  cancel?.addEventListener('abort', () => child.kill('SIGTERM'))
  let told = false
  /** @param {NodeJS.Signals} signal */
  const handOn = (signal) => {
    // One wish arrives more than once: from the terminal or a killed group, and again from npm.
    if (told) return
    told = true
    setTimeout(() => (told = false), 1000).unref()
    // A terminal sends Ctrl-C to the whole group: at once again would look like "quit without draining".
    const seen =
      signal === 'SIGINT' && [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY)
    setTimeout(() => child.kill(signal), seen ? repeatAfterMs : 0).unref()
  }
  const stopWatching = onOrphaned(() => handOn('SIGTERM'))
  for (const signal of signals) process.on(signal, handOn)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      stopWatching()
      for (const each of signals) process.off(each, handOn)
      resolve(code ?? 128 + (signal === null ? 0 : (signalNumbers[signal] ?? 15)))
    })
  })
}

/**
 * npm hands a SIGTERM to the shell between it and us, and a shell like dash dies of it without a word to us:
 * then our parent is another one all at once.
 * @param {() => void} act
 * @returns {() => void} ends the watch
 */
export function onOrphaned(act) {
  if (process.env.npm_lifecycle_event === undefined) return () => {}
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    act()
  }, orphanCheckMs)
  return () => clearInterval(watch)
}

/** @type {readonly NodeJS.Signals[]} */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** @type {Partial<Record<NodeJS.Signals, number>>} */
const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 }

/**
 * The last line of every starter: a problem becomes one sentence, anything else keeps its stack.
 * @param {() => Promise<number>} work
 */
export async function exitWith(work) {
  try {
    process.exitCode = await work()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    process.stderr.write(`nexo: ${error.message}\n`)
    process.exitCode = 1
  }
}
