/** The kinds as they were when this step was written: a later kind has its column from the start. */
const kinds =
  'user privacy last_seen relation relation_count friend_request session group group_size member announcement application invite_link view conversation pulse notice touch edit reaction pin mention quotation hidden timer block'

/**
 * Version 4: every row has a checksum. Rows of earlier versions have none (NULL) until they are written again: computing
 * them would take a start as long as the data are large, and `nexo verify` checks their messages all the same.
 */
export const version4 = ['message', ...kinds.split(' ')]
  .map((kind) => `ALTER TABLE "im_${kind}" ADD COLUMN "checksum" INTEGER;`)
  .join('\n')
