import { expect, it } from 'vitest'
import { figure, readExposition } from './exposition.ts'

const head = '# HELP im_x Some.\n# TYPE im_x gauge\n'
const histogram = '# HELP im_h Some.\n# TYPE im_h histogram\n'
const buckets = 'im_h_bucket{le="1"} 2\nim_h_bucket{le="+Inf"} 3\n'

it('figures are found by name and labels, with their escapes undone', () => {
  const told = readExposition(
    `${head}im_x{a="1",b="q\\"\\\\\\n"} 2.5\nim_x 1e+3\n\n${histogram}${buckets}im_h_sum 4\nim_h_count 3\n`,
  )
  expect(figure(told, 'im_x', { b: 'q"\\\n', a: '1' })).toBe(2.5)
  expect(figure(told, 'im_x')).toBe(1000)
  expect(figure(told, 'im_h_bucket', { le: '1' })).toBe(2)
  expect(() => figure(told, 'im_x', { a: '1' })).toThrow('there is no im_x')
})

it.each([
  ['a last line that does not end', 'does not end', `${head}im_x 1`],
  ['a line that is none', 'not a line', `${head}im_x = 1\n`],
  ['a number that is none', 'not a line', `${head}im_x Nan\n`],
  ['a sample without its metric', 'not of im_x', `${head}im_y 1\n`],
  ['a metric told twice', 'told twice', `${head}im_x 1\n${head}`],
  ['a series told twice', 'told twice', `${head}im_x{a="1",b="2"} 1\nim_x{b="2",a="1"} 1\n`],
  ['a type that is none', 'unknown type', '# HELP im_x Some.\n# TYPE im_x thing\n'],
  ['labels that are not closed', 'cannot be read', `${head}im_x{a="1} 1\n`],
  ['a bare histogram', 'not of im_h', `${histogram}im_h 3\n`],
  ['a histogram whose count is another', 'add up', `${histogram}${buckets}im_h_sum 4\nim_h_count 4\n`],
  [
    'a histogram that falls',
    'add up',
    `${histogram}im_h_bucket{le="1"} 4\nim_h_bucket{le="+Inf"} 3\nim_h_sum 4\nim_h_count 3\n`,
  ],
  ['a histogram without a sum', 'add up', `${histogram}${buckets}im_h_count 3\n`],
])('%s is refused', (_, why, text) => {
  expect(() => readExposition(text)).toThrow(why)
})
