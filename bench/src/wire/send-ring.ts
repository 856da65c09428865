import type { Socket } from 'node:net'
import type { SendTemplate } from './send-template.ts'

/**
 * Ready frames in one buffer, one slot for each message in flight. A slot is used again only after its answer
 * came, so the socket never holds bytes that are being overwritten.
 */
export class SendRing {
  readonly slots: number
  readonly #template: SendTemplate
  readonly #buffer: Buffer
  #head = 0

  constructor(template: SendTemplate, slots: number) {
    this.slots = slots
    this.#template = template
    this.#buffer = Buffer.concat(Array.from({ length: slots }, () => template.frame))
  }

  /** Sends `count` (at most `slots`) frames, neighbours in one write. */
  send(socket: Socket, count: number, nextNumber: () => number): void {
    const size = this.#template.frame.length
    const first = this.#head
    for (let i = 0; i < count; i++) {
      this.#template.stamp(this.#buffer, this.#head * size, nextNumber())
      this.#head = this.#head + 1 === this.slots ? 0 : this.#head + 1
    }
    const straight = Math.min(count, this.slots - first)
    socket.write(this.#buffer.subarray(first * size, (first + straight) * size))
    if (straight < count) socket.write(this.#buffer.subarray(0, (count - straight) * size))
  }

  /** Sends a frame of its own, for when every slot is in flight. */
  sendCopy(socket: Socket, n: number): void {
    const copy = Buffer.from(this.#template.frame)
    this.#template.stamp(copy, 0, n)
    socket.write(copy)
  }
}
