/** The scenarios of the design by their stable ids: each is a row of the page, measured or not. */
export interface Scenario {
  readonly id: string
  readonly name: string
  readonly says: string
  /** What measures it. */
  readonly command: string
}

export const scenarios: readonly Scenario[] = [
  {
    id: 'P1',
    name: 'send-closed',
    says: '200 clients in pairs, 1, 4 or 16 messages in flight each: durable acks a second',
    command: 'send-closed',
  },
  {
    id: 'P2',
    name: 'send-open',
    says: '1,000 clients at a fixed rate: delivery from the intended time',
    command: 'send-open',
  },
  {
    id: 'P3',
    name: 'fanout',
    says: 'one group with 1,000 online, one sender: deliveries a second, time to the last member',
    command: 'fanout fanout-open',
  },
  {
    id: 'P4',
    name: 'fanout-many',
    says: '100 groups of 100 that share 1,000 clients: CPU of a delivery',
    command: 'fanout-many',
  },
  {
    id: 'P5',
    name: 'fanout-10k',
    says: 'one group with 10,000 online: time to the last member',
    command: 'fanout-10k',
  },
  {
    id: 'P6',
    name: 'idle',
    says: '15,000 signed-in sessions that say nothing: memory of each, CPU of all',
    command: 'idle --sessions 15000',
  },
  {
    id: 'P7',
    name: 'reconnect-storm',
    says: '15,000 sessions cut at once: until all are back and lack nothing',
    command: 'reconnect-storm',
  },
  {
    id: 'P8',
    name: 'history',
    says: 'pages of 20 and 100 at random places among 1,000,000 messages',
    command: 'history',
  },
  { id: 'P9', name: 'inbox', says: 'the list of somebody with 1,000 conversations', command: 'long-list' },
  {
    id: 'P10',
    name: 'mix',
    says: 'people who read more than they write: the largest number it holds',
    command: 'mix',
  },
  {
    id: 'P11',
    name: 'slow-consumer',
    says: 'fan-out with 5 % of the members not reading for a minute',
    command: 'slow-consumer',
  },
  { id: 'P12', name: 'login', says: 'registrations and logins beside a steady load', command: 'login' },
  {
    id: 'P13',
    name: 'soak',
    says: '1,000 messages/s and 5,000 idle sessions for 30 minutes: nothing grows',
    command: 'soak',
  },
  {
    id: 'P14',
    name: 'restart',
    says: 'killed with 1,000,000 messages stored: until ready and until the first ack',
    command: 'restart',
  },
  {
    id: 'P15',
    name: 'disk',
    says: 'bytes on the disk of a stored message, indexes included',
    command: 'disk',
  },
  {
    id: 'P16',
    name: 'two-node',
    says: 'P1 and P3 over two nodes, against one node in the same run',
    command: 'two-node --store mysql',
  },
]
