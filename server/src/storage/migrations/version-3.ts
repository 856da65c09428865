/**
 * Version 3: positions of the log have a row of their own, and ids that are no positions keep theirs. What was written so
 * far took both from one row of blocks, so the log goes on behind it.
 */
export const version3 = `
  INSERT INTO im_block ("name", "next", "version")
    SELECT 'log', coalesce(max("next"), 1000000) + 1, 1 FROM im_block WHERE "name" = 'numbers';
`
