import { describe, expect, it } from 'vitest'
import { clockTime, dayName, dayOf, listTime } from './dates.ts'
import { createText } from './i18n/index.ts'

const en = createText('en')
const zh = createText('zh')
const now = new Date(2026, 10, 24, 12, 5).getTime()
const at = (...parts: [number, number, number, number, number]): number => new Date(...parts).getTime()

describe('the day of a message', () => {
  it('changes at local midnight', () => {
    expect(dayOf(at(2026, 10, 24, 0, 0)) - dayOf(at(2026, 10, 23, 23, 59))).toBe(1)
    expect(dayOf(at(2026, 10, 24, 23, 59))).toBe(dayOf(at(2026, 10, 24, 0, 0)))
  })

  it('has a name that people use', () => {
    expect(dayName(at(2026, 10, 24, 0, 1), en, now)).toBe('Today')
    expect(dayName(at(2026, 10, 23, 23, 59), zh, now)).toBe('昨天')
    expect(dayName(at(2026, 2, 3, 9, 0), en, now)).toBe('Tuesday, March 3')
    expect(dayName(at(2024, 2, 3, 9, 0), zh, now)).toBe('2024年3月3日星期日')
  })
})

describe('the time in the list', () => {
  it('gets coarser with age', () => {
    expect(listTime(at(2026, 10, 24, 0, 5), en, now)).toBe('00:05')
    expect(listTime(at(2026, 10, 23, 8, 0), en, now)).toBe('Yesterday')
    expect(listTime(at(2026, 10, 20, 8, 0), en, now)).toBe('Fri')
    expect(listTime(at(2026, 4, 2, 8, 0), en, now)).toBe('May 2')
    expect(listTime(at(2025, 4, 2, 8, 0), zh, now)).toBe('2025/5/2')
  })

  it('of a message from a clock ahead of ours is its time', () => {
    expect(listTime(now + 60_000, en, now)).toBe(clockTime(now + 60_000, en))
  })
})
