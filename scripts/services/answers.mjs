import { connect } from 'node:net'

/**
 * How a server proves that it is ready: what we say to it first, and when its words so far are the answer.
 * @typedef {{ say?: Buffer | string, until: (heard: Buffer) => boolean }} Greeting
 */

const patienceMs = 2000

/**
 * Asks once, on a connection of its own.
 * @param {number} port on 127.0.0.1
 * @param {Greeting} greeting
 * @returns {Promise<boolean>}
 */
export function answers(port, { say, until }) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    let heard = Buffer.alloc(0)
    /** @param {boolean} ready */
    const settle = (ready) => {
      socket.destroy()
      resolve(ready)
    }
    socket.setTimeout(patienceMs, () => settle(false))
    socket.on('connect', () => say !== undefined && socket.write(say))
    socket.on('data', (chunk) => {
      heard = Buffer.concat([heard, chunk])
      if (until(heard)) settle(true)
    })
    socket.on('error', () => settle(false))
    socket.on('close', () => settle(false))
  })
}

/**
 * MariaDB speaks first: a packet whose fifth byte is the protocol's version, 10 (255 would be a refusal).
 * @type {Greeting}
 */
export const mysqlGreeting = { until: (heard) => heard.length > 4 && heard[4] === 10 }

/**
 * @param {string} password
 * @returns {Greeting} an answer to PING; while Redis still loads its data it is an error instead
 */
export function redisGreeting(password) {
  return {
    say: `AUTH ${password}\r\nPING\r\n`,
    until: (heard) => heard.toString().includes('+PONG\r\n'),
  }
}

/**
 * @param {string} user
 * @param {string} password
 * @returns {Greeting}
 */
export function natsGreeting(user, password) {
  const options = JSON.stringify({ verbose: false, pedantic: false, user, pass: password })
  return {
    say: `CONNECT ${options}\r\nPING\r\n`,
    until: (heard) => heard.toString().includes('\r\nPONG\r\n'),
  }
}

/** The document { hello: 1, $db: "admin" } in an OP_MSG: length, request, response, opcode 2013, flags, kind 0. */
function helloMessage() {
  const body = Buffer.concat([
    Buffer.from('\x10hello\0\x01\0\0\0', 'latin1'),
    Buffer.from('\x02$db\0\x06\0\0\0admin\0', 'latin1'),
    Buffer.from([0]),
  ])
  const message = Buffer.alloc(16 + 4 + 1 + 4)
  message.writeInt32LE(message.length + body.length, 0)
  message.writeInt32LE(1, 4)
  message.writeInt32LE(2013, 12)
  message.writeInt32LE(4 + body.length, 21)
  return Buffer.concat([message, body])
}

/** @type {Greeting} */
export const mongoGreeting = {
  say: helloMessage(),
  until: (heard) => heard.length > 16 && heard.readInt32LE(12) === 2013 && heard.includes('maxWireVersion'),
}
