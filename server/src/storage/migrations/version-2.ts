/** Version 2: the messaging domain – relations, ways into groups, changes of messages, notices, the hash chain. */
export const version2 = `
  ALTER TABLE im_message ADD COLUMN meta TEXT NOT NULL DEFAULT '';
  ALTER TABLE im_message ADD COLUMN salt TEXT NOT NULL DEFAULT '';
  ALTER TABLE im_message ADD COLUMN digest TEXT NOT NULL DEFAULT '';
  ALTER TABLE im_message ADD COLUMN chain TEXT NOT NULL DEFAULT '';
  ALTER TABLE "im_user" ADD COLUMN "status" INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE "im_user" ADD COLUMN "banned_until" INTEGER;
  ALTER TABLE "im_user" ADD COLUMN "custom_status" TEXT NOT NULL DEFAULT '';
  ALTER TABLE "im_user" ADD COLUMN "name_key" TEXT NOT NULL DEFAULT '';
  ALTER TABLE "im_user" ADD COLUMN "position" INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE "im_privacy" ("user_id" TEXT NOT NULL, "find_me" INTEGER NOT NULL, "message_me" INTEGER NOT
    NULL, "add_to_groups" INTEGER NOT NULL, "see_online" INTEGER NOT NULL, "see_read" INTEGER NOT NULL,
    "position" INTEGER NOT NULL, "version" INTEGER NOT NULL, PRIMARY KEY ("user_id")) WITHOUT ROWID;
  CREATE TABLE "im_last_seen" ("user_id" TEXT NOT NULL, "at" INTEGER NOT NULL, "version" INTEGER NOT NULL,
    PRIMARY KEY ("user_id")) WITHOUT ROWID;
  CREATE TABLE "im_relation" ("owner_id" TEXT NOT NULL, "other_id" TEXT NOT NULL, "is_friend" INTEGER NOT
    NULL, "is_blocked" INTEGER NOT NULL, "remark" TEXT NOT NULL, "friends_since" INTEGER NOT NULL,
    "position" INTEGER NOT NULL, "version" INTEGER NOT NULL, PRIMARY KEY ("owner_id", "other_id")) WITHOUT
    ROWID;
  CREATE TABLE "im_relation_count" ("owner_id" TEXT NOT NULL, "friends" INTEGER NOT NULL, "blocked" INTEGER
    NOT NULL, "relations" INTEGER NOT NULL, "version" INTEGER NOT NULL, PRIMARY KEY ("owner_id")) WITHOUT
    ROWID;
  CREATE TABLE "im_friend_request" ("from_id" TEXT NOT NULL, "to_id" TEXT NOT NULL, "message" TEXT NOT NULL,
    "state" INTEGER NOT NULL, "created_at" INTEGER NOT NULL, "updated_at" INTEGER NOT NULL, "position"
    INTEGER NOT NULL, "version" INTEGER NOT NULL, PRIMARY KEY ("from_id", "to_id")) WITHOUT ROWID;
  ALTER TABLE "im_session" ADD COLUMN "device_name" TEXT NOT NULL DEFAULT '';
  ALTER TABLE "im_session" ADD COLUMN "generation" INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE "im_session" ADD COLUMN "refreshed_at" INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE "im_group" ADD COLUMN "join_mode" INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE "im_group" ADD COLUMN "invited_by" INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE "im_group" ADD COLUMN "is_private" INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE "im_group" ADD COLUMN "history_visible" INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE "im_group" ADD COLUMN "muted_until" INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE "im_group" ADD COLUMN "announcement" TEXT NOT NULL DEFAULT '';
  ALTER TABLE "im_group" ADD COLUMN "announced_at" INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE "im_member" ADD COLUMN "muted_until" INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE "im_member" ADD COLUMN "name_key" TEXT NOT NULL DEFAULT '';
  CREATE TABLE "im_announcement" ("group_id" TEXT NOT NULL, "position" INTEGER NOT NULL, "text" TEXT NOT
    NULL, "by" TEXT NOT NULL, "at" INTEGER NOT NULL, "version" INTEGER NOT NULL, PRIMARY KEY ("group_id",
    "position")) WITHOUT ROWID;
  CREATE TABLE "im_application" ("group_id" TEXT NOT NULL, "user_id" TEXT NOT NULL, "message" TEXT NOT NULL,
    "inviter_user_id" TEXT NOT NULL, "state" INTEGER NOT NULL, "handled_by" TEXT NOT NULL, "created_at"
    INTEGER NOT NULL, "updated_at" INTEGER NOT NULL, "position" INTEGER NOT NULL, "version" INTEGER NOT
    NULL, PRIMARY KEY ("group_id", "user_id")) WITHOUT ROWID;
  CREATE TABLE "im_invite_link" ("token" TEXT NOT NULL, "group_id" TEXT NOT NULL, "created_by" TEXT NOT
    NULL, "created_at" INTEGER NOT NULL, "expires_at" INTEGER NOT NULL, "max_uses" INTEGER NOT NULL, "uses"
    INTEGER NOT NULL, "version" INTEGER NOT NULL, PRIMARY KEY ("token")) WITHOUT ROWID;
  ALTER TABLE "im_view" ADD COLUMN "position" INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE "im_view" ADD COLUMN "from_position" INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE "im_view" ADD COLUMN "to_position" INTEGER;
  ALTER TABLE "im_view" ADD COLUMN "delivered_seq" INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE "im_view" ADD COLUMN "mention_seq" INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE "im_view" ADD COLUMN "draft" TEXT NOT NULL DEFAULT '';
  ALTER TABLE "im_view" ADD COLUMN "draft_at" INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE "im_view" ADD COLUMN "marked_unread" INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE "im_view" ADD COLUMN "hidden_at" INTEGER NOT NULL DEFAULT -1;
  ALTER TABLE "im_view" ADD COLUMN "hidden_count" INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE "im_conversation" ("conversation_id" TEXT NOT NULL,
    "expire_after" INTEGER NOT NULL, "mention_all_seq" INTEGER NOT NULL, "pins" INTEGER NOT NULL, "version"
    INTEGER NOT NULL, PRIMARY KEY ("conversation_id")) WITHOUT ROWID;
  CREATE TABLE "im_pulse" ("conversation_id" TEXT NOT NULL, "position" INTEGER NOT NULL, "version" INTEGER
    NOT NULL, PRIMARY KEY ("conversation_id")) WITHOUT ROWID;
  CREATE TABLE "im_notice" ("conversation_id" TEXT NOT NULL, "position" INTEGER NOT NULL, "at_seq" INTEGER
    NOT NULL, "kind" TEXT NOT NULL, "actor_id" TEXT NOT NULL, "user_ids" TEXT NOT NULL, "data" TEXT NOT
    NULL, "created_at" INTEGER NOT NULL, "version" INTEGER NOT NULL, PRIMARY KEY ("conversation_id",
    "position")) WITHOUT ROWID;
  CREATE TABLE "im_touch" ("conversation_id" TEXT NOT NULL, "seq" INTEGER NOT NULL, "position" INTEGER NOT
    NULL, "version" INTEGER NOT NULL, PRIMARY KEY ("conversation_id", "seq")) WITHOUT ROWID;
  CREATE TABLE "im_edit" ("conversation_id" TEXT NOT NULL, "seq" INTEGER NOT NULL, "edition" INTEGER NOT
    NULL, "body" TEXT NOT NULL, "salt" TEXT NOT NULL, "at" INTEGER NOT NULL, "position" INTEGER NOT NULL, "version" INTEGER NOT NULL,
    PRIMARY KEY ("conversation_id", "seq", "edition")) WITHOUT ROWID;
  CREATE TABLE "im_reaction" ("conversation_id" TEXT NOT NULL, "seq" INTEGER NOT NULL, "user_id" TEXT NOT
    NULL, "emoji" TEXT NOT NULL, "at" INTEGER NOT NULL, "version" INTEGER NOT NULL, PRIMARY KEY
    ("conversation_id", "seq", "user_id", "emoji")) WITHOUT ROWID;
  CREATE TABLE "im_pin" ("conversation_id" TEXT NOT NULL, "seq" INTEGER NOT NULL, "by" TEXT NOT NULL, "at"
    INTEGER NOT NULL, "version" INTEGER NOT NULL, PRIMARY KEY ("conversation_id", "seq")) WITHOUT ROWID;
  CREATE TABLE "im_mention" ("conversation_id" TEXT NOT NULL, "user_id" TEXT NOT NULL, "seq" INTEGER NOT
    NULL, "version" INTEGER NOT NULL, PRIMARY KEY ("conversation_id", "user_id", "seq")) WITHOUT ROWID;
  CREATE TABLE "im_quotation" ("conversation_id" TEXT NOT NULL, "quoted_seq" INTEGER NOT NULL, "seq" INTEGER
    NOT NULL, "version" INTEGER NOT NULL, PRIMARY KEY ("conversation_id", "quoted_seq", "seq")) WITHOUT
    ROWID;
  CREATE TABLE "im_hidden" ("user_id" TEXT NOT NULL, "conversation_id" TEXT NOT NULL, "seq" INTEGER NOT
    NULL, "position" INTEGER NOT NULL, "version" INTEGER NOT NULL, PRIMARY KEY ("user_id",
    "conversation_id", "seq")) WITHOUT ROWID;
  CREATE TABLE "im_timer" ("timer_id" TEXT NOT NULL, "queue" TEXT NOT NULL, "at" INTEGER NOT NULL, "task"
    TEXT NOT NULL, "user_id" TEXT NOT NULL, "conversation_id" TEXT NOT NULL, "seq" INTEGER NOT NULL, "input"
    TEXT NOT NULL, "error" TEXT NOT NULL, "version" INTEGER NOT NULL, PRIMARY KEY ("timer_id")) WITHOUT
    ROWID;
  CREATE INDEX "im_user_by_name" ON "im_user" ("name_key", "user_id");
  CREATE INDEX "im_relation_by_friend" ON "im_relation" ("owner_id", "is_friend", "other_id");
  CREATE INDEX "im_relation_by_blocked" ON "im_relation" ("owner_id", "is_blocked", "other_id");
  CREATE INDEX "im_relation_by_change" ON "im_relation" ("owner_id", "position");
  CREATE INDEX "im_friend_request_by_to" ON "im_friend_request" ("to_id", "state", "position");
  CREATE INDEX "im_friend_request_by_from" ON "im_friend_request" ("from_id", "state", "position");
  CREATE INDEX "im_friend_request_changed_to" ON "im_friend_request" ("to_id", "position");
  CREATE INDEX "im_friend_request_changed_from" ON "im_friend_request" ("from_id", "position");
  CREATE INDEX "im_member_by_name" ON "im_member" ("group_id", "status", "name_key", "user_id");
  CREATE INDEX "im_member_by_user" ON "im_member" ("user_id", "group_id");
  CREATE INDEX "im_application_by_state" ON "im_application" ("group_id", "state", "position");
  CREATE INDEX "im_application_by_change" ON "im_application" ("user_id", "position");
  CREATE INDEX "im_invite_link_by_group" ON "im_invite_link" ("group_id", "created_at", "token");
  CREATE INDEX "im_notice_by_anchor" ON "im_notice" ("conversation_id", "at_seq", "position");
  CREATE INDEX "im_touch_by_change" ON "im_touch" ("conversation_id", "position");
  CREATE INDEX "im_reaction_by_user" ON "im_reaction" ("user_id", "conversation_id", "seq", "emoji");
  CREATE INDEX "im_hidden_by_change" ON "im_hidden" ("user_id", "conversation_id", "position");
  CREATE INDEX "im_timer_by_time" ON "im_timer" ("queue", "at", "timer_id");
  CREATE INDEX "im_timer_by_user" ON "im_timer" ("user_id", "task", "at", "timer_id");
  UPDATE "im_view" SET "to_position" = 0 WHERE "max_seq" IS NOT NULL;
`
