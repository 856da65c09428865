import type { Handlers } from './handler.ts'

export const amendmentHandlers = {} satisfies Partial<Handlers>
