/** The kinds as they were when this step was written: a later kind has its column from the start. */
const kinds =
  'user privacy last_seen relation relation_count friend_request session group group_size member announcement application invite_link view conversation pulse notice touch edit reaction pin mention quotation hidden timer block'

const columns =
  'conversation_id, seq, id, sender_id, client_msg_id, msg_type, body, send_at, meta, salt, digest, chain'

/**
 * Version 4: every row has a checksum, and messages lie in the order in which they came.
 *
 * Rows of earlier versions have no checksum (NULL) until they are written again: `nexo verify` checks their messages all
 * the same. Messages used to be one tree ordered by conversation: a batch then touched a page or two for each of its
 * messages, and rows stood in the inner pages too. At the end of a table they share pages, and half as much is written.
 */
export const version4 = `
  CREATE TABLE im_message_new (place INTEGER PRIMARY KEY, conversation_id TEXT NOT NULL, seq INTEGER NOT NULL,
    id INTEGER NOT NULL, sender_id TEXT NOT NULL, client_msg_id TEXT NOT NULL, msg_type INTEGER NOT NULL,
    body TEXT NOT NULL, send_at INTEGER NOT NULL, meta TEXT NOT NULL, salt TEXT NOT NULL, digest TEXT NOT NULL,
    chain TEXT NOT NULL, checksum INTEGER);
  INSERT INTO im_message_new (${columns}) SELECT ${columns} FROM im_message ORDER BY id;
  DROP TABLE im_message;
  ALTER TABLE im_message_new RENAME TO im_message;
  CREATE UNIQUE INDEX im_message_seq ON im_message (conversation_id, seq);
  CREATE UNIQUE INDEX im_message_twin ON im_message (sender_id, client_msg_id);
  ${kinds
    .split(' ')
    .map((kind) => `ALTER TABLE "im_${kind}" ADD COLUMN "checksum" INTEGER;`)
    .join('\n  ')}
`
