import { type ErrorName, errors } from '@nexo-im/protocol'
import { by, type Family, histogram, one, type Sample } from './family.ts'

const ms = 0.001

function errorSamples(counts: ReadonlyMap<ErrorName, number>, labels: Sample['labels']): Sample[] {
  return [...counts].map(([error, value]) => ({
    labels: { ...labels, error, code: String(errors[error].code) },
    value,
  }))
}

/** What people ask for, and what comes of it. */
export const traffic: readonly Family[] = [
  {
    name: 'im_requests_total',
    type: 'counter',
    help: 'Operations that ended, through any door; error is ok or the name of the error, code its number (0: ok).',
    labels: ['operation', 'error', 'code'],
    read: ({ world }) =>
      [...world.tally.operations].flatMap(([operation, { done, failed }]) => [
        { labels: { operation, error: 'ok', code: '0' }, value: done },
        ...errorSamples(failed, { operation }),
      ]),
  },
  {
    name: 'im_request_seconds',
    type: 'histogram',
    help: 'Time from asking for an operation until it ended, done or failed; the way over the network is not in it.',
    labels: ['operation'],
    read: ({ world }) =>
      [...world.tally.operations]
        .filter(([, { done, failed }]) => done > 0 || failed.size > 0)
        .flatMap(([operation, { times }]) => histogram(times, ms, { operation })),
  },
  {
    name: 'im_errors_total',
    type: 'counter',
    help: 'Errors answered, also to what never became an operation: no token, no such path, no such frame.',
    labels: ['door', 'error', 'code'],
    read: ({ world }) =>
      (['http', 'socket'] as const).flatMap((door) => errorSamples(world.tally.errors[door], { door })),
  },
  {
    name: 'im_messages_stored_total',
    type: 'counter',
    help: 'Messages that this node stored: one for each that was acknowledged as new.',
    labels: [],
    read: ({ world }) => one(world.tally.commits.messages),
  },
  {
    name: 'im_commit_changes',
    type: 'histogram',
    help: 'Changes written by one commit: messages, and records that changed without one.',
    labels: [],
    read: ({ world }) => histogram(world.tally.commits.sizes),
  },
  {
    name: 'im_commit_seconds',
    type: 'histogram',
    help: 'Time of a commit that stands, waiting for the right to write included.',
    labels: [],
    read: ({ world }) => histogram(world.tally.commits.times, ms),
  },
  {
    name: 'im_commits_contested_total',
    type: 'counter',
    help: 'Commits in which a change could not stand: nothing was written, and the others were offered again.',
    labels: [],
    read: ({ world }) => one(world.tally.commits.contested),
  },
  {
    name: 'im_commits_failed_total',
    type: 'counter',
    help: 'Commits that the store did not take; whoever waited got an error.',
    labels: [],
    read: ({ world }) => one(world.tally.commits.failed),
  },
  {
    name: 'im_changes_refused_total',
    type: 'counter',
    help: 'Changes that could not stand: seq was taken by another node, twin was stored already, expect rested on something that moved.',
    labels: ['reason'],
    read: ({ world }) => by('reason', world.tally.commits.refusals),
  },
  {
    name: 'im_writer_waiting_changes',
    type: 'gauge',
    help: 'Changes that wait for the commit before theirs.',
    labels: [],
    read: ({ world }) => one(world.writer.waiting()),
  },
  {
    name: 'im_pushes_total',
    type: 'counter',
    help: 'Pushes handed to sockets of this node: one for each message, or other event, and socket.',
    labels: ['kind'],
    read: ({ world: { tally } }) =>
      by('kind', { message: tally.pushes.messages, event: tally.pushes.events }),
  },
  {
    name: 'im_pushes_left_out_total',
    type: 'counter',
    help: 'Pushes of messages that a slow socket was not given; a resync told of them.',
    labels: [],
    read: ({ world }) => one(world.tally.pushes.leftOut),
  },
  {
    name: 'im_resyncs_total',
    type: 'counter',
    help: 'Sockets told to look for what was left out.',
    labels: [],
    read: ({ world }) => one(world.tally.pushes.resyncs),
  },
  {
    name: 'im_push_waiting_sockets',
    type: 'gauge',
    help: 'Sockets with something to be written that have not had their turn.',
    labels: [],
    read: ({ world }) => one(world.router.waiting()),
  },
]
