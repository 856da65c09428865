/** Version 1: accounts, sign-ins, groups, views, messages. */
export const version1 = `
  CREATE TABLE im_message (conversation_id TEXT NOT NULL, seq INTEGER NOT NULL, id INTEGER NOT NULL,
    sender_id TEXT NOT NULL, client_msg_id TEXT NOT NULL, msg_type INTEGER NOT NULL, body TEXT NOT NULL,
    send_at INTEGER NOT NULL, PRIMARY KEY (conversation_id, seq)) WITHOUT ROWID;
  CREATE UNIQUE INDEX im_message_twin ON im_message (sender_id, client_msg_id);
  CREATE TABLE "im_user" ("user_id" TEXT NOT NULL, "nickname" TEXT NOT NULL, "avatar" TEXT NOT NULL, "extra"
    TEXT, "password_hash" TEXT NOT NULL, "created_at" INTEGER NOT NULL, "updated_at" INTEGER NOT NULL,
    "version" INTEGER NOT NULL, PRIMARY KEY ("user_id")) WITHOUT ROWID;
  CREATE TABLE "im_session" ("session_id" TEXT NOT NULL, "user_id" TEXT NOT NULL, "platform_id" INTEGER NOT
    NULL, "state" INTEGER NOT NULL, "created_at" INTEGER NOT NULL, "expires_at" INTEGER NOT NULL, "version"
    INTEGER NOT NULL, PRIMARY KEY ("session_id")) WITHOUT ROWID;
  CREATE INDEX "im_session_by_user" ON "im_session" ("user_id", "created_at", "session_id");
  CREATE TABLE "im_group" ("group_id" TEXT NOT NULL, "name" TEXT NOT NULL, "introduction" TEXT NOT NULL,
    "avatar" TEXT NOT NULL, "extra" TEXT, "status" INTEGER NOT NULL, "creator_user_id" TEXT NOT NULL,
    "created_at" INTEGER NOT NULL, "updated_at" INTEGER NOT NULL, "version" INTEGER NOT NULL, PRIMARY KEY
    ("group_id")) WITHOUT ROWID;
  CREATE TABLE "im_group_size" ("group_id" TEXT NOT NULL, "members" INTEGER NOT NULL, "version" INTEGER NOT
    NULL, PRIMARY KEY ("group_id")) WITHOUT ROWID;
  CREATE TABLE "im_member" ("group_id" TEXT NOT NULL, "user_id" TEXT NOT NULL, "member_id" INTEGER NOT NULL,
    "group_nickname" TEXT NOT NULL, "group_avatar" TEXT NOT NULL, "extra" TEXT, "role_level" INTEGER NOT
    NULL, "status" INTEGER NOT NULL, "joined_at" INTEGER NOT NULL, "join_seq" INTEGER NOT NULL,
    "inviter_user_id" TEXT NOT NULL, "created_at" INTEGER NOT NULL, "updated_at" INTEGER NOT NULL, "rank"
    INTEGER NOT NULL, "version" INTEGER NOT NULL, PRIMARY KEY ("group_id", "user_id")) WITHOUT ROWID;
  CREATE INDEX "im_member_by_rank" ON "im_member" ("group_id", "status", "rank", "joined_at", "member_id");
  CREATE TABLE "im_view" ("conversation_id" TEXT NOT NULL, "user_id" TEXT NOT NULL, "min_seq" INTEGER NOT
    NULL, "max_seq" INTEGER, "read_seq" INTEGER NOT NULL, "recv_msg_opt" INTEGER NOT NULL, "is_pinned"
    INTEGER NOT NULL, "touched_at" INTEGER NOT NULL, "version" INTEGER NOT NULL, PRIMARY KEY
    ("conversation_id", "user_id")) WITHOUT ROWID;
  CREATE INDEX "im_view_by_user" ON "im_view" ("user_id", "conversation_id");
  CREATE TABLE "im_block" ("name" TEXT NOT NULL, "next" INTEGER NOT NULL, "version" INTEGER NOT NULL,
    PRIMARY KEY ("name")) WITHOUT ROWID;
`
