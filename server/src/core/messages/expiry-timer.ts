import type { Put } from '../ports.ts'

export function expiryTimerId(conversation: string, seq: number): string {
  return `expire:${conversation}:${seq}`
}

/** The timer that lets a message disappear; one per message, so that it survives restarts and changes of the setting. */
export function expiryTimer(conversation_id: string, seq: number, at: number): Put {
  return {
    kind: 'timer',
    row: {
      timer_id: expiryTimerId(conversation_id, seq),
      queue: 'all',
      at,
      task: 'expire',
      user_id: '',
      conversation_id,
      seq,
      input: '',
      error: '',
    },
  }
}
