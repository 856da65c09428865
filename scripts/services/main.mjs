import { Problem } from '../prepare.mjs'
import { exitWith, onOrphaned } from '../processes.mjs'
import { services } from './programs.mjs'
import { startServices } from './start.mjs'

/** @param {string} line */
const say = (line) => process.stderr.write(`nexo: ${line}\n`)

// `npm run services -- redis nats`: these only; the lines to copy go to stdout, everything else to stderr.
await exitWith(async () => {
  const names = process.argv.slice(2)
  const { env, missing, stop } = await startServices({
    log: say,
    ...(names.length > 0 ? { only: names } : {}),
  })
  for (const [name, why] of Object.entries(missing)) say(`no ${services[name]?.title ?? name}: ${why}`)
  if (Object.keys(env).length === 0) throw new Problem('none of the services can be had')
  let stopWatching = () => {}
  const told = new Promise((resolve) => {
    stopWatching = onOrphaned(() => resolve(undefined))
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve)
  })
  for (const [variable, value] of Object.entries(env)) process.stdout.write(`export ${variable}='${value}'\n`)
  say('the services run until Ctrl-C')
  await told
  stopWatching()
  await stop()
  return 0
})
