import { describe, expect, it } from 'vitest'
import { readAddress } from './address.ts'

describe('a MySQL URL', () => {
  it('gives host, user, database and the limits that it names', () => {
    expect(
      readAddress('mysql://im:p%40ss%3Aword@db.example:3307/chat?pool_size=20&max_idle=5&timeout=2500'),
    ).toEqual({
      host: 'db.example',
      port: 3307,
      socket: undefined,
      user: 'im',
      password: 'p@ss:word',
      database: 'chat',
      tls: undefined,
      poolSize: 20,
      maxIdle: 5,
      timeout: 2500,
      place: 'db.example:3307',
    })
  })

  it('has defaults for everything but the database', () => {
    expect(readAddress('mariadb:///chat')).toMatchObject({
      host: '127.0.0.1',
      port: 3306,
      user: 'root',
      password: '',
      poolSize: 10,
      maxIdle: 10,
      timeout: 5000,
    })
  })

  it('takes IPv6 hosts, sockets and TLS', () => {
    expect(readAddress('mysql://[::1]:3307/chat')).toMatchObject({ host: '::1', place: '[::1]:3307' })
    expect(readAddress('mysql:///chat?socket=/run/mysqld/mysqld.sock')).toMatchObject({
      socket: '/run/mysqld/mysqld.sock',
      place: '/run/mysqld/mysqld.sock',
    })
    expect(readAddress('mysql://h/chat?ssl=true').tls).toBe('verify')
    expect(readAddress('mysql://h/chat?ssl=encrypt').tls).toBe('encrypt')
  })

  it.each([
    [
      'mysql://h/chat?poolsize=3',
      /unknown option "poolsize": known are pool_size, max_idle, timeout, ssl, socket/,
    ],
    ['mysql://h/chat?pool_size=1', /pool_size=1: give a whole number from 2 to 10000/],
    ['mysql://h/chat?timeout=5s', /timeout=5s: give a whole number/],
    ['mysql://h/chat?ssl=maybe', /ssl=maybe: known are/],
    ['mysql://u:sesame@h', /names no database/],
    ['mysql://u:sesame@h:port/chat', /cannot be read: write it as mysql:/],
    ['mysql://u:%zz@h/chat', /broken % code/],
  ])('%s is refused with a sentence that holds no password', (url, sentence) => {
    expect(() => readAddress(url)).toThrow(sentence)
    expect(() => readAddress(url)).not.toThrow(/sesame/)
  })
})
