/** How far it has come; whoever shows it looks at it now and then. */
export interface Tally {
  phase: 'counting' | 'copying' | 'comparing'
  /** The kind of records that is worked on, or 'messages'. */
  place: string
  records: number
  messages: number
  /** Known once they are counted. */
  messagesInAll: number
}

export const newTally = (): Tally => ({
  phase: 'counting',
  place: '',
  records: 0,
  messages: 0,
  messagesInAll: 0,
})

const number = (n: number): string => n.toLocaleString('en-US')

/**
 * One line about how it goes; the time left is that of the messages, which can be counted without reading them.
 * @param seconds since the phase began
 */
export function tallyLine(tally: Tally, seconds: number): string {
  if (tally.phase === 'counting') return 'counting messages …'
  const done = tally.records + tally.messages
  const rate = seconds > 0 ? done / seconds : 0
  const left = tally.messages > 0 && rate > 0 ? (tally.messagesInAll - tally.messages) / rate : undefined
  return [
    `${tally.phase} ${tally.place}: ${number(tally.records)} records`,
    `${number(tally.messages)} of ${number(tally.messagesInAll)} messages`,
    `${number(Math.round(rate))}/s`,
    ...(left === undefined ? [] : [`about ${duration(left)} left`]),
  ].join(', ')
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}
