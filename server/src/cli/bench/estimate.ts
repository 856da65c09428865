import { freemem } from 'node:os'
import { options } from '../../config-options.ts'
import type { Machine } from './machine.ts'
import type { Measured } from './measure.ts'

/** What somebody does who chats, at the busiest time and on average: assumptions, and printed as such. */
const writesPerMinute = 1
const writesPerDay = 50
/** What is planned with: a machine at its limit answers late. */
const share = 0.5

export interface Estimate {
  readonly peopleOnline: number
  /** What ends it. */
  readonly bound: 'messages' | 'memory' | 'websocket.max_conn_num'
  readonly messagesPerSecond: number
  /** Into one group with so many online. */
  readonly groupOf: number
  readonly groupMessagesPerSecond: number
  readonly diskPerDayBytes: number
}

export function estimateOf(measured: Measured, freeBytes: number = freemem()): Estimate {
  const messagesPerSecond = Math.floor(measured.acksPerSecond * share)
  const { bytesPerSession, deliveriesPerSecond, bytesPerMessage } = measured
  const bounds = [
    { bound: 'messages', people: Math.floor((messagesPerSecond * 60) / writesPerMinute) },
    { bound: 'websocket.max_conn_num', people: options['websocket.max_conn_num'].fallback },
    ...(bytesPerSession === null
      ? []
      : [{ bound: 'memory', people: Math.floor((freeBytes * share) / bytesPerSession) } as const]),
  ] as const
  const least = bounds.reduce((a, b) => (b.people < a.people ? b : a))
  const groupOf = 100
  return {
    peopleOnline: least.people,
    bound: least.bound,
    messagesPerSecond,
    groupOf,
    groupMessagesPerSecond: Math.floor((deliveriesPerSecond * share) / groupOf),
    diskPerDayBytes: least.people * writesPerDay * bytesPerMessage,
  }
}

const number = (value: number): string => value.toLocaleString('en')

function size(bytes: number): string {
  const [unit, name] = bytes < 1e6 ? [1e3, 'kB'] : bytes < 1e9 ? [1e6, 'MB'] : [1e9, 'GB']
  return `${(bytes / unit).toFixed(1)} ${name}`
}

const whys: Readonly<Record<Estimate['bound'], string>> = {
  messages: 'ended by what it writes a second',
  memory: 'ended by free memory',
  'websocket.max_conn_num': 'ended by the shipped websocket.max_conn_num; raise it for more',
}

/** For people. */
export function linesOf(machine: Machine, measured: Measured, estimate: Estimate): string[] {
  const { acksPerSecond, calmPerSecond, calmP50Ms, calmP99Ms, deliveriesPerSecond, members } = measured
  const { bytesPerSession, bytesPerMessage, fsyncBeforeMs, fsyncAfterMs, generatorCpu, messages } = measured
  const rows: (readonly [string, string] | undefined)[] = [
    ['people online at once', `about ${number(estimate.peopleOnline)}, ${whys[estimate.bound]}`],
    ['messages a second', `about ${number(estimate.messagesPerSecond)} steadily`],
    [
      `in a group of ${estimate.groupOf}`,
      `about ${number(estimate.groupMessagesPerSecond)} messages a second reach everybody`,
    ],
    ['disk', `about ${size(estimate.diskPerDayBytes)} a day with all of them`],
    undefined,
    ['measured', `${number(acksPerSecond)} messages a second acknowledged, each safe from a power cut`],
    [
      '',
      `at ${number(calmPerSecond)} a second: half within ${calmP50Ms} ms, 99 of 100 within ${calmP99Ms} ms`,
    ],
    ['', `${number(deliveriesPerSecond)} deliveries a second to ${members} sockets of one group`],
    [
      '',
      `${bytesPerSession === null ? 'n/a' : number(bytesPerSession)} bytes of the server's memory a signed-in session, the kernel's apart`,
    ],
    ['', `${number(bytesPerMessage)} bytes on the disk a message of 300 characters`],
    ['', `disk waits ${fsyncBeforeMs} ms for a write before, ${fsyncAfterMs} ms after (fsync p50)`],
    ['checked', `${number(messages)} messages acknowledged, all of them stored once and in order`],
    undefined,
    [
      'machine',
      `${machine.cpus} × ${machine.cpuModel}, ${size(machine.memoryBytes)} memory, ${size(machine.freeBytes)} free`,
    ],
    ['', `${machine.kernel}, load ${machine.load}`],
    [
      'versions',
      `Nexo IM ${machine.nexo}, Node ${machine.node}, embedded SQLite, durability D2, ${machine.date}`,
    ],
  ]
  return [
    ...rows.map((row) => (row === undefined ? '' : `  ${row[0].padEnd(24)}${row[1]}`)),
    '',
    `An estimate, not a promise: half of what was measured, for people who write ${writesPerMinute} message a minute at the busiest`,
    `time and ${writesPerDay} a day. The clients ran on this machine as well and took ${Math.round(generatorCpu * 100)} % of a core: alone the server holds more.`,
  ]
}
