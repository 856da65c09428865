import { describe, expect, it } from 'vitest'
import { judgeServer } from './server.ts'

const maria = {
  version: '10.11.19-MariaDB-0+deb12u1',
  innodb_flush_log_at_trx_commit: '1',
  innodb_flush_method: 'fsync',
  innodb_doublewrite: 'ON',
  log_bin: 'OFF',
  sync_binlog: '0',
  max_allowed_packet: '16777216',
}
const judged = (more: Partial<typeof maria> = {}) =>
  judgeServer(new Map(Object.entries({ ...maria, ...more })), 'h:3306')

describe('a server', () => {
  it('has the collation that compares byte by byte and pads nothing', () => {
    expect(judged().collation).toBe('utf8mb4_nopad_bin')
    expect(judged({ version: '8.0.36' }).collation).toBe('utf8mb4_0900_bin')
  })

  it.each(['10.5.23-MariaDB', '5.7.44-log', '5.5.68-MariaDB', ''])(
    'of version "%s" is too old',
    (version) => {
      expect(() => judged({ version })).toThrow(/h:3306 is version .* too old: MySQL 8.0 or MariaDB 10.6/)
    },
  )

  it.each(['10.6.1-MariaDB', '11.4.2-MariaDB', '8.0.11', '9.1.0'])('of version %s is taken', (version) => {
    expect(judged({ version }).durability).toBe('D2')
  })

  it('survives a power cut only when every commit is synced, by the binary log too', () => {
    expect(judged({ innodb_flush_log_at_trx_commit: '2' }).durability).toBe('D1')
    expect(judged({ innodb_flush_log_at_trx_commit: '0' }).durability).toBe('D1')
    expect(judged({ log_bin: 'ON', sync_binlog: '0' }).durability).toBe('D1')
    expect(judged({ log_bin: 'ON', sync_binlog: '1' }).durability).toBe('D2')
    expect(judged({ innodb_doublewrite: 'OFF' }).durability).toBe('D1')
    expect(judged({ innodb_flush_method: 'nosync' }).durability).toBe('D1')
  })

  it('is refused when its packets are too small', () => {
    expect(() => judged({ max_allowed_packet: '1048576' })).toThrow(/max_allowed_packet=1048576: set it to/)
  })
})
