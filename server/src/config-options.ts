/** How a value of the configuration is written. */
export type OptionKind = 'text' | 'int' | 'bool' | 'list' | 'duration'

export interface Option {
  readonly kind: OptionKind
  readonly fallback?: unknown
  readonly min?: number
  readonly max?: number
  readonly oneOf?: readonly string[]
  readonly secret?: boolean
  readonly prose: string
}

/** Every key there is; file, environment, flags and documentation come from here (nexo-wire section 11). */
export const options = {
  'server.host': {
    kind: 'text',
    prose: 'Address to listen on. Absent: loopback in debug mode, every address in release mode.',
  },
  'server.http_port': {
    kind: 'int',
    fallback: 8080,
    min: 0,
    max: 65_535,
    prose: 'Port of HTTP and WebSocket; 0 takes a free one.',
  },
  'server.ws_port': {
    kind: 'int',
    min: 0,
    max: 65_535,
    prose: 'A second listener for /ws alone, when it differs from http_port.',
  },
  'server.mode': {
    kind: 'text',
    oneOf: ['debug', 'release'],
    prose:
      'release hides error detail and refuses weak secrets. Absent: release if NODE_ENV is production, else debug.',
  },
  'server.allowed_origins': {
    kind: 'list',
    fallback: [],
    prose: 'Origins of pages that may call: *, or a list. Absent: our own origin only.',
  },
  'server.drain_delay': {
    kind: 'duration',
    fallback: 0,
    prose:
      'When the node stops: how long it goes on serving while /readyz already says no, so that a load balancer has turned away.',
  },
  'server.trusted_addresses': {
    kind: 'list',
    fallback: [],
    prose: 'Client addresses exempt from the caps per address, as loopback always is.',
  },
  'storage.url': {
    kind: 'text',
    prose:
      'Where everything is kept: sqlite:<path>, mysql://, mongodb://, redis:// or memory:. Absent: what storage.type or mysql say, else sqlite in the data folder.',
  },
  'storage.type': {
    kind: 'text',
    oneOf: ['sqlite', 'mysql', 'mongodb', 'redis', 'memory'],
    prose: 'Instead of storage.url: the kind of store, which the five keys below describe.',
  },
  'storage.addr': { kind: 'text', prose: 'host:port of the server; for sqlite the path of the file.' },
  'storage.username': { kind: 'text', prose: 'Name of the user on that server.' },
  'storage.password': { kind: 'text', secret: true, prose: 'Password of that user.' },
  'storage.database': { kind: 'text', prose: 'Database there; for redis its number.' },
  'storage.pool_size': {
    kind: 'int',
    min: 1,
    max: 10_000,
    prose:
      'Connections to the server, never exceeded. Absent: what the driver advises, 10 for MySQL and MongoDB.',
  },
  'storage.timeout': {
    kind: 'duration',
    min: 10,
    prose: 'Longest wait for the server, then an error. Absent: 5s.',
  },
  'mysql.host': { kind: 'text', prose: 'With mysql.database: keeps everything in this MySQL or MariaDB.' },
  'mysql.port': { kind: 'int', fallback: 3306, min: 1, max: 65_535, prose: 'Port of that MySQL server.' },
  'mysql.user': { kind: 'text', fallback: 'root', prose: 'User on that MySQL server.' },
  'mysql.password': { kind: 'text', secret: true, prose: 'Password of that user.' },
  'mysql.database': { kind: 'text', prose: 'Database; must exist.' },
  'mysql.max_open_conns': {
    kind: 'int',
    min: 1,
    max: 10_000,
    prose: 'Connections to MySQL, never exceeded.',
  },
  'mysql.max_idle_conns': { kind: 'int', min: 1, max: 10_000, prose: 'Connections kept open when idle.' },
  'redis.host': {
    kind: 'text',
    prose: 'Redis beside a store that nodes share: carries what they say to each other.',
  },
  'redis.port': { kind: 'int', fallback: 6379, min: 1, max: 65_535, prose: 'Port of that Redis server.' },
  'redis.password': { kind: 'text', secret: true, prose: 'Password of that Redis.' },
  'redis.db': { kind: 'int', fallback: 0, min: 0, max: 1_000_000, prose: 'Number of the Redis database.' },
  'redis.key_prefix': {
    kind: 'text',
    fallback: 'nexo:',
    prose: 'Begins every key and channel: services with different prefixes on one Redis never meet.',
  },
  'bus.url': {
    kind: 'text',
    prose: 'What nodes hear each other by: redis://host:port or nats://host:port. Absent: what redis says.',
  },
  'jwt.secret': {
    kind: 'text',
    secret: true,
    prose: 'Signs tokens; at least 32 bytes. Absent: generated into the data folder at first start.',
  },
  'jwt.expire_hours': { kind: 'int', fallback: 168, min: 1, max: 87_600, prose: 'Life of a token in hours.' },
  'jwt.refresh_days': {
    kind: 'int',
    fallback: 30,
    min: 1,
    max: 3650,
    prose: 'Days after which a sign-in that nobody refreshed ends.',
  },
  'auth.registration_open': { kind: 'bool', fallback: true, prose: 'Whether anybody may create an account.' },
  'auth.password_min_bytes': {
    kind: 'int',
    fallback: 8,
    min: 8,
    max: 256,
    prose: 'Shortest password in bytes.',
  },
  'auth.generic_login_errors': {
    kind: 'bool',
    fallback: false,
    prose: 'One answer (2005) for unknown user and wrong password.',
  },
  'auth.session_policy': {
    kind: 'text',
    fallback: 'one_per_platform',
    oneOf: ['many', 'one_per_platform', 'one_in_all'],
    prose: 'What a login ends: nothing, the session on the same platform, or every other one.',
  },
  'limits.sends_per_minute': {
    kind: 'int',
    fallback: 600,
    min: 1,
    prose: 'Messages a user may send in a minute; all may come at once.',
  },
  'limits.requests_per_minute': {
    kind: 'int',
    fallback: 12_000,
    min: 1,
    prose: 'Requests of a user in a minute that are neither sends nor of the kinds below.',
  },
  'limits.contacts_per_minute': {
    kind: 'int',
    fallback: 120,
    min: 1,
    prose: 'Friend requests, invitations, applications and searches of a user in a minute.',
  },
  'limits.ephemeral_per_minute': {
    kind: 'int',
    fallback: 1200,
    min: 1,
    prose: 'Typing notices, delivery acks and drafts of a user in a minute.',
  },
  'limits.conversation_sends_per_minute': {
    kind: 'int',
    fallback: 120_000,
    min: 1,
    prose: 'Messages in one conversation in a minute, of all senders together.',
  },
  'limits.device_requests_per_minute': {
    kind: 'int',
    fallback: 60_000,
    min: 1,
    prose: 'Requests of one sign-in in a minute, of every kind.',
  },
  'limits.address_requests_per_minute': {
    kind: 'int',
    fallback: 120_000,
    min: 1,
    prose: 'Requests from one address in a minute; loopback is exempt.',
  },
  'limits.group_members': {
    kind: 'int',
    fallback: 200_000,
    min: 2,
    max: 1_000_000,
    prose: 'Members of one group.',
  },
  'messages.recall_window': {
    kind: 'duration',
    fallback: 86_400_000,
    prose: 'How long an own message can be recalled; admins recall without a limit.',
  },
  'messages.edit_window': {
    kind: 'duration',
    fallback: 86_400_000,
    prose: 'How long an own message can be edited.',
  },
  'limits.logins_per_minute': {
    kind: 'int',
    fallback: 1000,
    min: 1,
    prose: 'Logins a minute from one address; loopback is exempt.',
  },
  'limits.registrations_per_minute': {
    kind: 'int',
    fallback: 1000,
    min: 1,
    prose: 'Registrations a minute from one address; loopback is exempt.',
  },
  'limits.failed_logins_per_minute': {
    kind: 'int',
    fallback: 10,
    min: 1,
    prose: 'Wrong passwords for one account before it must wait.',
  },
  'websocket.max_conn_num': {
    kind: 'int',
    fallback: 10_000,
    min: 1,
    prose: 'Sockets of this node; the next one gets 5001.',
  },
  'websocket.max_conn_per_address': {
    kind: 'int',
    fallback: 2000,
    min: 1,
    prose: 'Sockets of this node from one address (IPv6: from one /64); loopback is exempt.',
  },
  'websocket.max_conn_per_user': {
    kind: 'int',
    fallback: 100,
    min: 1,
    prose: 'Sockets of one user on this node, of all their devices together.',
  },
  'websocket.max_message_size': {
    kind: 'int',
    fallback: 51_200,
    min: 256,
    max: 16_777_216,
    prose: 'Bytes of an inbound frame; one more closes with 1009.',
  },
  'websocket.push_worker_num': {
    kind: 'int',
    fallback: 10,
    min: 1,
    max: 1000,
    prose: 'Share of a turn given to pushes: 200 sockets each, then others get theirs.',
  },
  'websocket.push_channel_size': {
    kind: 'int',
    fallback: 10_000,
    min: 1,
    prose: 'Messages that may wait to be pushed on this node; further ones are resynced.',
  },
  'websocket.write_channel_size': {
    kind: 'int',
    fallback: 256,
    min: 1,
    prose: 'Frames that may wait for one slow socket before pushes are left out.',
  },
  'websocket.write_wait': {
    kind: 'duration',
    fallback: 10_000,
    prose: 'Longest drain of a socket when the node stops.',
  },
  'websocket.pong_wait': {
    kind: 'duration',
    fallback: 30_000,
    min: 1000,
    prose: 'Silence after which a socket is closed.',
  },
  'websocket.ping_period': {
    kind: 'duration',
    fallback: 27_000,
    min: 500,
    prose: 'Silence after which a ping is sent.',
  },
  'metrics.host': {
    kind: 'text',
    fallback: '127.0.0.1',
    prose:
      'Address on which metrics are told: whoever reaches it may read them, nobody is asked who they are.',
  },
  'metrics.port': {
    kind: 'int',
    min: 0,
    max: 65_535,
    prose:
      'Port of GET /metrics for Prometheus, a listener of its own; 0 takes a free one. Absent: there is none.',
  },
  'log.level': {
    kind: 'text',
    fallback: 'info',
    oneOf: ['debug', 'info', 'warn', 'error', 'silent'],
    prose: 'Least severe line that is written.',
  },
} as const satisfies Record<string, Option>
