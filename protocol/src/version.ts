/**
 * The version of the contract; `version.test.ts` pins the hash of all tables to it.
 * 1 – first contract: Nexo door, nine message types, nexo.v1 frames.
 */
export const protocolVersion = 1
