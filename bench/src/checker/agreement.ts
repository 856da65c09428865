import type { Sighting } from './history.ts'
import type { Rule } from './rule.ts'
import { difference, finalRecords, keyOf, okAcks, placeOf } from './world.ts'

export const nothingInvented: Rule = {
  id: 'I2',
  says: 'every stored message was sent, with this text, to this conversation',
  check: (world, fail) => {
    let records = 0
    for (const log of world.logs.values()) {
      for (const record of log.records) {
        records += 1
        const sent = world.messages.get(keyOf(record.sender_id, record.client_msg_id))
        const name = `${record.sender_id} ${record.client_msg_id} in ${log.conversation}, read by ${log.reader}`
        if (sent === undefined) fail(`${name}: never sent`)
        else if (sent.conversation !== log.conversation) fail(`${name}: was sent to ${sent.conversation}`)
        else if (sent.text !== record.text) fail(`${name}: was sent with another text`)
      }
    }
    return records
  },
}

export const sightingsAgree: Rule = {
  id: 'I6',
  says: 'acks, pushes, pulls and final logs tell the same id, seq, time and text of a message',
  check: (world, fail) => {
    const records = finalRecords(world)
    const ids = new Map<number, string>()
    for (const [place, record] of records) {
      const other = ids.get(record.server_msg_id)
      if (other !== undefined) fail(`server_msg_id ${record.server_msg_id} belongs to two messages`)
      ids.set(record.server_msg_id, place)
    }
    let seen = 0
    const compare = (by: string, sighting: Sighting): void => {
      seen += 1
      const record = records.get(placeOf(sighting))
      const where = `${sighting.conversation_id} seq ${sighting.seq}, ${by}`
      if (record === undefined) return fail(`${where}: no final log has it`)
      const differs = difference(sighting, record)
      if (differs !== undefined) fail(`${where}: ${differs}`)
    }
    for (const log of world.logs.values())
      for (const record of log.records) compare(`final log of ${log.reader}`, record)
    for (const message of world.messages.values()) {
      for (const { told } of okAcks(message)) compare(`ack to ${message.sender}`, told)
    }
    for (const { client, messages } of world.pulled)
      for (const one of messages) compare(`pulled by ${client}`, one)
    for (const [client, pushes] of world.pushes) {
      for (const { result } of pushes) {
        if ('messages' in result) for (const one of result.messages) compare(`pushed to ${client}`, one)
      }
    }
    return seen
  },
}
