import { createService } from '../../index.ts'

/** The measured server in a process of its own: with the shipped settings, except for how much one person may send. */
const [dataFolder] = process.argv.slice(2)
if (dataFolder === undefined) throw new Error('the data folder is missing')
const service = await createService({
  dataFolder,
  config: {
    'server.host': '127.0.0.1',
    'server.http_port': 0,
    'server.mode': 'debug',
    'log.level': 'silent',
    'limits.sends_per_minute': 100_000_000,
    'limits.conversation_sends_per_minute': 100_000_000,
    'limits.device_requests_per_minute': 100_000_000,
  },
})
const { url } = await service.getServer().start()

// Ctrl-C goes to the whole group: the command that started us is who ends us, also by dying.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit(0))
process.on('message', (question: unknown) => {
  if (question === 'memory') {
    globalThis.gc?.()
    process.send?.({ rss: process.memoryUsage.rss() })
  }
  if (question === 'stop') {
    service
      .getServer()
      .stop()
      .then(
        () => process.exit(0),
        () => process.exit(1),
      )
  }
})
process.send?.({ url })
