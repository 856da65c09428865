import { groupConversationId, ImError, sessionType, singleConversationId } from '@nexo-im/protocol'

export interface SendTarget {
  readonly recv_id?: string
  readonly group_id?: string
  readonly session_type?: number
}

export interface Target {
  readonly conversation: string
  readonly recvId: string
  readonly groupId: string
}

/** One target, and the one that `session_type` says (nexo-wire section 7). Throws 1001 otherwise. */
export function targetOf(userId: string, input: SendTarget): Target {
  const { recv_id: recvId = '', group_id: groupId = '', session_type: type = 0 } = input
  const single = type === sessionType.single || recvId !== ''
  if (!single && type !== sessionType.group && groupId === '') {
    throw new ImError('invalid_parameter', { detail: 'recv_id or group_id is required' })
  }
  const wrong = single ? recvId === '' || groupId !== '' || type === sessionType.group : groupId === ''
  if (wrong)
    throw new ImError('invalid_parameter', { detail: 'exactly the target of session_type is required' })
  return single
    ? { conversation: singleConversationId(userId, recvId), recvId, groupId: '' }
    : { conversation: groupConversationId(groupId), recvId: '', groupId }
}
