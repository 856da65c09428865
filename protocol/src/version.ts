/**
 * The version of the contract; `version.test.ts` pins the hash of all tables to it.
 * 1 – first contract: Nexo door, nine message types, nexo.v1 frames.
 * 2 – the messaging domain: what can happen to a message, relations, ways into groups, the change stream and `changed`
 *     (in place of 2005–2009), named refusals, the hash chain.
 */
export const protocolVersion = 2
