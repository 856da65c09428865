import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { kinds } from './kinds.mjs'
import { services } from './programs.mjs'
import { endOf, freePort, startServer } from './server.mjs'

/**
 * A process of its own that owns the servers and their folder. It lives as long as the channel to whoever
 * forked it: that process may end in any way, even by kill -9, and nothing is left behind. It sits in a group
 * of its own, so that a terminal's Ctrl-C ends the tests first and the servers after them.
 *
 * @typedef {{ programs: Record<string, string>, base: string }} Order    name of the service → its program
 * @typedef {{ folder: string, urls: Record<string, string>, missing: Record<string, string> }} Ready
 * @typedef {{ ready: Ready } | { failed: string } | { lost: string }} Report
 */

const tries = 3

/** @param {Report} report */
function tell(report) {
  // The other side may just have gone; then nobody needs to know.
  if (process.connected) process.send?.(report, undefined, undefined, () => {})
}

/**
 * @param {keyof typeof kinds} name
 * @param {string} program
 * @param {string} home
 * @param {AbortSignal} cancel
 */
async function begin(name, program, home, cancel) {
  const title = services[name]?.title ?? name
  for (let attempt = 1; ; attempt += 1) {
    const folder = path.join(home, `${name}-${attempt}`)
    const log = path.join(home, `${name}-${attempt}.log`)
    mkdirSync(folder)
    const port = await freePort()
    const { args, greeting, url } = await kinds[name]({ folder, port, cancel })
    try {
      const server = await startServer({ title, program, args, folder, log, port, greeting }, cancel)
      return { name, title, log, url, server }
    } catch (error) {
      const isPortTaken = /address already in use/i.test(String(error))
      if (!isPortTaken || attempt === tries) throw error
      await pause(100)
    }
  }
}

/**
 * @param {Order} order
 * @param {AbortSignal} ending
 */
async function keep({ programs, base }, ending) {
  mkdirSync(base, { recursive: true })
  const folder = mkdtempSync(path.join(base, 'nexo-services-'))
  /** @type {Awaited<ReturnType<typeof begin>>[]} */
  const running = []
  /** @type {Record<string, string>} */
  const missing = {}
  const work = Object.entries(programs).map(async ([name, program]) => {
    try {
      running.push(await begin(/** @type {keyof typeof kinds} */ (name), program, folder, ending))
    } catch (error) {
      missing[name] = error instanceof Error ? error.message : String(error)
    }
  })
  await Promise.all(work)
  for (const { title, log, server } of running)
    server.ended.then(
      (how) => ending.aborted || tell({ lost: `${title} ${how}; the end of its log:\n${endOf(log)}` }),
      () => {},
    )
  const urls = Object.fromEntries(running.map(({ name, url }) => [name, url]))
  tell({ ready: { folder, urls, missing } })
  await new Promise((resolve) =>
    ending.aborted ? resolve(undefined) : ending.addEventListener('abort', resolve),
  )
  await Promise.all(running.map(({ server }) => server.stop()))
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

const ending = new AbortController()
process.once('disconnect', () => ending.abort())
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => ending.abort())
process.once('message', (order) => {
  keep(/** @type {Order} */ (order), ending.signal)
    .catch((error) => tell({ failed: String(error.message) }))
    .finally(() => process.connected && process.disconnect())
})
