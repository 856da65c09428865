import type { Handlers } from './handler.ts'

export const relationHandlers = {} satisfies Partial<Handlers>
