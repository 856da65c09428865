import { expect, it } from 'vitest'
import { type ConfigInput, maskedConfig, readConfig } from './config.ts'
import { placesOf } from './places.ts'

const places = (given: ConfigInput) => placesOf(readConfig({ given }), '/data')

it('without any word about it everything is kept by SQLite in the data folder', () => {
  expect(places({})).toEqual({ store: 'sqlite:/data/nexo.db' })
})

it.each<[string, ConfigInput, string]>([
  ['a path', { 'storage.url': 'sqlite:/x/y.db', 'storage.pool_size': 3 }, 'sqlite:/x/y.db'],
  [
    'the mysql block',
    {
      'mysql.host': 'db',
      'mysql.user': 'im',
      'mysql.password': 'p@ss/w:rd',
      'mysql.database': 'chat',
      'mysql.max_open_conns': 100,
      'mysql.max_idle_conns': 10,
    },
    'mysql://im:p%40ss%2Fw%3Ard@db:3306/chat?pool_size=100&max_idle=10',
  ],
  [
    'storage.type mysql',
    {
      'storage.type': 'mysql',
      'storage.addr': 'db:3307',
      'storage.username': 'u',
      'storage.password': 'p',
      'storage.database': 'd',
      'storage.pool_size': 7,
      'storage.timeout': 9000,
    },
    'mysql://u:p@db:3307/d?pool_size=7&timeout=9000',
  ],
  [
    'storage.type mongodb',
    { 'storage.type': 'mongodb', 'storage.addr': 'm:27017' },
    'mongodb://m:27017/nexo_im',
  ],
  [
    'storage.type redis',
    {
      'storage.type': 'redis',
      'storage.addr': '[::1]:6379',
      'storage.password': 's',
      'storage.database': '3',
    },
    'redis://:s@[::1]:6379/3?key_prefix=nexo%3A',
  ],
  ['storage.type memory', { 'storage.type': 'memory' }, 'memory:'],
  [
    'a URL with an option of its own, which wins',
    { 'storage.url': 'mysql://db/x?timeout=1', 'storage.timeout': 9000, 'storage.pool_size': 2 },
    'mysql://db/x?timeout=1&pool_size=2',
  ],
  ['a URL beside a mysql block', { 'storage.url': 'memory:', 'mysql.host': 'db' }, 'memory:'],
])('%s names the store', (_, given, url) => {
  expect(places(given).store).toBe(url)
})

it('the redis block beside a store names the bus, unless bus.url does', () => {
  const redis: ConfigInput = {
    'redis.host': 'r',
    'redis.password': 'pw',
    'redis.db': 2,
    'redis.key_prefix': 'a:',
  }
  expect(places(redis).bus).toBe('redis://:pw@r:6379/2?key_prefix=a%3A')
  expect(places({ ...redis, 'bus.url': 'nats://n:4222' }).bus).toBe('nats://n:4222?key_prefix=a%3A')
})

it('a server without an address is refused with the key that is missing', () => {
  expect(() => places({ 'storage.type': 'redis' })).toThrow(/storage\.addr/)
  expect(() => places({ 'storage.type': 'mysql', 'storage.addr': 'a:b:c' })).toThrow(/storage\.addr.*a:b:c/)
})

it('passwords never show: neither of blocks nor inside URLs', () => {
  const given: ConfigInput = {
    'storage.url': 'mysql://im:hidden@hidden@db/x',
    'mysql.password': 'hidden',
    'redis.password': 'hidden',
    'storage.password': 'hidden',
    'bus.url': 'nats://u:hidden@n',
  }
  const shown = JSON.stringify(maskedConfig(readConfig({ given })))
  expect(shown).not.toContain('hidden')
  expect(shown).toContain('mysql://im:***@db/x')
})
