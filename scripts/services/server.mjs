import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '../prepare.mjs'
import { answers } from './answers.mjs'

/**
 * @typedef {object} Plan
 * @property {string} title      what a reader calls it
 * @property {string} program
 * @property {string[]} args
 * @property {string} folder     where it runs
 * @property {string} log        the file that takes all it prints
 * @property {number} port       on 127.0.0.1
 * @property {import('./answers.mjs').Greeting} greeting
 * @property {number} [startMs]  how long it may take until it answers
 * @property {number} [stopMs]   how long it may take to end by itself when it is told to
 */

/**
 * @typedef {object} Server
 * @property {number | undefined} pid
 * @property {Promise<string>} ended    how it ended, whoever ended it; never rejects
 * @property {() => Promise<void>} stop  SIGTERM, then SIGKILL; settles when it is gone
 */

const startBoundMs = 30_000
const stopBoundMs = 5000
const askAgainMs = 25

/**
 * A port that was free a moment ago. Somebody may take it before our server does: its start then fails.
 * @returns {Promise<number>}
 */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** @param {string} file */
export function endOf(file) {
  return readFileSync(file, 'utf8').trimEnd().slice(-2000)
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {{ ended: Promise<string>, how: () => string | undefined }}
 */
function watch(child) {
  /** @type {string | undefined} */
  let how
  const ended = new Promise((resolve) => {
    child.on('error', (error) => resolve(`could not be started (${error.message})`))
    child.on('exit', (code, signal) =>
      resolve(signal === null ? `ended with code ${code}` : `was ended by ${signal}`),
    )
  }).then((words) => {
    how = String(words)
    return how
  })
  return { ended, how: () => how }
}

/**
 * Starts one server process and waits until it answers.
 * @param {Plan} plan
 * @param {AbortSignal} cancel
 * @returns {Promise<Server>}
 * @throws {Problem} when it ends or stays silent, with the end of its log; nothing is left running then
 */
export async function startServer(plan, cancel) {
  const output = openSync(plan.log, 'a')
  const child = spawn(plan.program, plan.args, {
    cwd: plan.folder,
    stdio: ['ignore', output, output],
    windowsHide: true,
  })
  closeSync(output)
  const { ended, how } = watch(child)
  const stop = async () => {
    if (how() !== undefined) return
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), plan.stopMs ?? stopBoundMs)
    await ended
    clearTimeout(late)
  }
  const bound = plan.startMs ?? startBoundMs
  const deadline = performance.now() + bound
  while (how() !== undefined || !(await answers(plan.port, plan.greeting))) {
    const silent = performance.now() > deadline ? `did not answer within ${bound / 1000} s` : undefined
    const why = how() ?? (cancel.aborted ? 'was stopped while it started' : silent)
    if (why !== undefined) {
      await stop()
      throw new Problem(`${plan.title} ${why}; the end of its log:\n${endOf(plan.log)}`)
    }
    await pause(askAgainMs)
  }
  return { pid: child.pid, ended, stop }
}
