import { buildService, type Service, type ServiceOptions } from './service.ts'

export { ImError } from '@nexo-im/protocol'
export { ConfigError, type ConfigInput } from './config.ts'
export type {
  BeforeHook,
  EventHandler,
  HandlerMessage,
  HookCaller,
  MessageHandler,
  OnHook,
} from './core/hooks.ts'
export type { DataSchema } from './core/messages/custom-types.ts'
export type { Clock, Log } from './core/ports.ts'
export type { OutgoingMessage } from './embedded-message.ts'
export type { Health, ServerHandle } from './server-handle.ts'
export type { Service, ServiceOptions } from './service.ts'

/** The running services by name: the one module-level state there is (house 5.7). */
const running = new Map<string, Service>()

/** Builds a service; `getServer().start()` makes it listen. Throws when the name is in use. */
export async function createService(options: ServiceOptions = {}): Promise<Service> {
  const name = options.name ?? 'default'
  if (running.has(name))
    throw new Error(`a service called "${name}" runs already; give the second one another name`)
  const service = await buildService(options, () => running.delete(name))
  running.set(name, service)
  return service
}

/** The service built by `createService`; throws while there is none. */
export function getOpenIMService(name = 'default'): Service {
  const service = running.get(name)
  if (!service) throw new Error(`no service called "${name}" runs; call createService() first`)
  return service
}
