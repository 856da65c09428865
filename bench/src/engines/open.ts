import type { Engine, ServerName } from './engine.ts'

/** Drivers are loaded when named. */
export async function engineOf(name: ServerName): Promise<Engine> {
  switch (name) {
    case 'mysql':
      return (await import('./mysql.ts')).mysqlEngine
    case 'mongodb':
      return (await import('./mongodb.ts')).mongodbEngine
    case 'redis':
      return (await import('./redis.ts')).redisEngine
  }
}
