/**
 * Version 3, the first that MySQL and MariaDB know; the numbers are those of SQLite. Every statement may be repeated:
 * tables are no part of a transaction there, so a kill in the middle leaves some of them behind.
 */
export const mysqlVersion3 = `
  CREATE TABLE IF NOT EXISTS im_message ("conversation_id" VARCHAR(256) NOT NULL, "seq" BIGINT NOT NULL, "id"
    BIGINT NOT NULL, "sender_id" VARCHAR(64) NOT NULL, "client_msg_id" VARCHAR(64) NOT NULL, "msg_type" BIGINT
    NOT NULL, "body" MEDIUMTEXT NOT NULL, "send_at" BIGINT NOT NULL, "meta" MEDIUMTEXT NOT NULL, "salt"
    VARCHAR(64) NOT NULL, "digest" VARCHAR(64) NOT NULL, "chain" VARCHAR(64) NOT NULL, PRIMARY KEY
    ("conversation_id", "seq"), UNIQUE KEY "im_message_twin" ("sender_id", "client_msg_id"));
  CREATE TABLE IF NOT EXISTS "im_user" ("user_id" VARCHAR(64) NOT NULL, "nickname" MEDIUMTEXT NOT NULL, "avatar"
    MEDIUMTEXT NOT NULL, "extra" MEDIUMTEXT, "password_hash" MEDIUMTEXT NOT NULL, "created_at" BIGINT NOT NULL,
    "updated_at" BIGINT NOT NULL, "status" BIGINT NOT NULL, "banned_until" BIGINT, "custom_status" MEDIUMTEXT
    NOT NULL, "name_key" VARCHAR(600) NOT NULL, "position" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY
    KEY ("user_id"), KEY "im_user_by_name" ("name_key", "user_id"));
  CREATE TABLE IF NOT EXISTS "im_privacy" ("user_id" VARCHAR(64) NOT NULL, "find_me" BIGINT NOT NULL,
    "message_me" BIGINT NOT NULL, "add_to_groups" BIGINT NOT NULL, "see_online" BIGINT NOT NULL, "see_read"
    BIGINT NOT NULL, "position" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY ("user_id"));
  CREATE TABLE IF NOT EXISTS "im_last_seen" ("user_id" VARCHAR(64) NOT NULL, "at" BIGINT NOT NULL, "version"
    BIGINT NOT NULL, PRIMARY KEY ("user_id"));
  CREATE TABLE IF NOT EXISTS "im_relation" ("owner_id" VARCHAR(64) NOT NULL, "other_id" VARCHAR(64) NOT NULL,
    "is_friend" TINYINT(1) NOT NULL, "is_blocked" TINYINT(1) NOT NULL, "remark" MEDIUMTEXT NOT NULL,
    "friends_since" BIGINT NOT NULL, "position" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY
    ("owner_id", "other_id"), KEY "im_relation_by_friend" ("owner_id", "is_friend", "other_id"), KEY
    "im_relation_by_blocked" ("owner_id", "is_blocked", "other_id"), KEY "im_relation_by_change" ("owner_id",
    "position"));
  CREATE TABLE IF NOT EXISTS "im_relation_count" ("owner_id" VARCHAR(64) NOT NULL, "friends" BIGINT NOT NULL,
    "blocked" BIGINT NOT NULL, "relations" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY ("owner_id"));
  CREATE TABLE IF NOT EXISTS "im_friend_request" ("from_id" VARCHAR(64) NOT NULL, "to_id" VARCHAR(64) NOT NULL,
    "message" MEDIUMTEXT NOT NULL, "state" BIGINT NOT NULL, "created_at" BIGINT NOT NULL, "updated_at" BIGINT
    NOT NULL, "position" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY ("from_id", "to_id"), KEY
    "im_friend_request_by_to" ("to_id", "state", "position"), KEY "im_friend_request_by_from" ("from_id",
    "state", "position"), KEY "im_friend_request_changed_to" ("to_id", "position"), KEY
    "im_friend_request_changed_from" ("from_id", "position"));
  CREATE TABLE IF NOT EXISTS "im_session" ("session_id" VARCHAR(64) NOT NULL, "user_id" VARCHAR(64) NOT NULL,
    "platform_id" BIGINT NOT NULL, "state" BIGINT NOT NULL, "created_at" BIGINT NOT NULL, "expires_at" BIGINT
    NOT NULL, "device_name" MEDIUMTEXT NOT NULL, "generation" BIGINT NOT NULL, "refreshed_at" BIGINT NOT NULL,
    "version" BIGINT NOT NULL, PRIMARY KEY ("session_id"), KEY "im_session_by_user" ("user_id", "created_at",
    "session_id"));
  CREATE TABLE IF NOT EXISTS "im_group" ("group_id" VARCHAR(64) NOT NULL, "name" MEDIUMTEXT NOT NULL,
    "introduction" MEDIUMTEXT NOT NULL, "avatar" MEDIUMTEXT NOT NULL, "extra" MEDIUMTEXT, "status" BIGINT NOT
    NULL, "creator_user_id" MEDIUMTEXT NOT NULL, "created_at" BIGINT NOT NULL, "updated_at" BIGINT NOT NULL,
    "join_mode" BIGINT NOT NULL, "invited_by" BIGINT NOT NULL, "is_private" TINYINT(1) NOT NULL,
    "history_visible" TINYINT(1) NOT NULL, "muted_until" BIGINT NOT NULL, "announcement" MEDIUMTEXT NOT NULL,
    "announced_at" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY ("group_id"));
  CREATE TABLE IF NOT EXISTS "im_group_size" ("group_id" VARCHAR(64) NOT NULL, "members" BIGINT NOT NULL,
    "version" BIGINT NOT NULL, PRIMARY KEY ("group_id"));
  CREATE TABLE IF NOT EXISTS "im_member" ("group_id" VARCHAR(64) NOT NULL, "user_id" VARCHAR(64) NOT NULL,
    "member_id" BIGINT NOT NULL, "group_nickname" MEDIUMTEXT NOT NULL, "group_avatar" MEDIUMTEXT NOT NULL,
    "extra" MEDIUMTEXT, "role_level" BIGINT NOT NULL, "status" BIGINT NOT NULL, "joined_at" BIGINT NOT NULL,
    "join_seq" BIGINT NOT NULL, "inviter_user_id" MEDIUMTEXT NOT NULL, "created_at" BIGINT NOT NULL,
    "updated_at" BIGINT NOT NULL, "rank" BIGINT NOT NULL, "muted_until" BIGINT NOT NULL, "name_key" VARCHAR(600)
    NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY ("group_id", "user_id"), KEY "im_member_by_rank"
    ("group_id", "status", "rank", "joined_at", "member_id"), KEY "im_member_by_name" ("group_id", "status",
    "name_key", "user_id"), KEY "im_member_by_user" ("user_id", "group_id"));
  CREATE TABLE IF NOT EXISTS "im_announcement" ("group_id" VARCHAR(64) NOT NULL, "position" BIGINT NOT NULL,
    "text" MEDIUMTEXT NOT NULL, "by" MEDIUMTEXT NOT NULL, "at" BIGINT NOT NULL, "version" BIGINT NOT NULL,
    PRIMARY KEY ("group_id", "position"));
  CREATE TABLE IF NOT EXISTS "im_application" ("group_id" VARCHAR(64) NOT NULL, "user_id" VARCHAR(64) NOT NULL,
    "message" MEDIUMTEXT NOT NULL, "inviter_user_id" MEDIUMTEXT NOT NULL, "state" BIGINT NOT NULL, "handled_by"
    MEDIUMTEXT NOT NULL, "created_at" BIGINT NOT NULL, "updated_at" BIGINT NOT NULL, "position" BIGINT NOT NULL,
    "version" BIGINT NOT NULL, PRIMARY KEY ("group_id", "user_id"), KEY "im_application_by_state" ("group_id",
    "state", "position"), KEY "im_application_by_change" ("user_id", "position"));
  CREATE TABLE IF NOT EXISTS "im_invite_link" ("token" VARCHAR(64) NOT NULL, "group_id" VARCHAR(64) NOT NULL,
    "created_by" MEDIUMTEXT NOT NULL, "created_at" BIGINT NOT NULL, "expires_at" BIGINT NOT NULL, "max_uses"
    BIGINT NOT NULL, "uses" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY ("token"), KEY
    "im_invite_link_by_group" ("group_id", "created_at", "token"));
  CREATE TABLE IF NOT EXISTS "im_view" ("conversation_id" VARCHAR(256) NOT NULL, "user_id" VARCHAR(64) NOT NULL,
    "min_seq" BIGINT NOT NULL, "max_seq" BIGINT, "read_seq" BIGINT NOT NULL, "recv_msg_opt" BIGINT NOT NULL,
    "is_pinned" TINYINT(1) NOT NULL, "touched_at" BIGINT NOT NULL, "position" BIGINT NOT NULL, "from_position"
    BIGINT NOT NULL, "to_position" BIGINT, "delivered_seq" BIGINT NOT NULL, "mention_seq" BIGINT NOT NULL,
    "draft" MEDIUMTEXT NOT NULL, "draft_at" BIGINT NOT NULL, "marked_unread" TINYINT(1) NOT NULL, "hidden_at"
    BIGINT NOT NULL, "hidden_count" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY ("conversation_id",
    "user_id"), KEY "im_view_by_user" ("user_id", "conversation_id"));
  CREATE TABLE IF NOT EXISTS "im_conversation" ("conversation_id" VARCHAR(256) NOT NULL, "expire_after" BIGINT
    NOT NULL, "mention_all_seq" BIGINT NOT NULL, "pins" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY
    ("conversation_id"));
  CREATE TABLE IF NOT EXISTS "im_pulse" ("conversation_id" VARCHAR(256) NOT NULL, "position" BIGINT NOT NULL,
    "version" BIGINT NOT NULL, PRIMARY KEY ("conversation_id"));
  CREATE TABLE IF NOT EXISTS "im_notice" ("conversation_id" VARCHAR(256) NOT NULL, "position" BIGINT NOT NULL,
    "at_seq" BIGINT NOT NULL, "kind" MEDIUMTEXT NOT NULL, "actor_id" MEDIUMTEXT NOT NULL, "user_ids" MEDIUMTEXT
    NOT NULL, "data" MEDIUMTEXT NOT NULL, "created_at" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY
    ("conversation_id", "position"), KEY "im_notice_by_anchor" ("conversation_id", "at_seq", "position"));
  CREATE TABLE IF NOT EXISTS "im_touch" ("conversation_id" VARCHAR(256) NOT NULL, "seq" BIGINT NOT NULL,
    "position" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY ("conversation_id", "seq"), KEY
    "im_touch_by_change" ("conversation_id", "position"));
  CREATE TABLE IF NOT EXISTS "im_edit" ("conversation_id" VARCHAR(256) NOT NULL, "seq" BIGINT NOT NULL,
    "edition" BIGINT NOT NULL, "body" MEDIUMTEXT NOT NULL, "salt" MEDIUMTEXT NOT NULL, "at" BIGINT NOT NULL,
    "position" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY ("conversation_id", "seq", "edition"));
  CREATE TABLE IF NOT EXISTS "im_reaction" ("conversation_id" VARCHAR(256) NOT NULL, "seq" BIGINT NOT NULL,
    "user_id" VARCHAR(64) NOT NULL, "emoji" VARCHAR(32) NOT NULL, "at" BIGINT NOT NULL, "version" BIGINT NOT
    NULL, PRIMARY KEY ("conversation_id", "seq", "user_id", "emoji"), KEY "im_reaction_by_user" ("user_id",
    "conversation_id", "seq", "emoji"));
  CREATE TABLE IF NOT EXISTS "im_pin" ("conversation_id" VARCHAR(256) NOT NULL, "seq" BIGINT NOT NULL, "by"
    MEDIUMTEXT NOT NULL, "at" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY ("conversation_id",
    "seq"));
  CREATE TABLE IF NOT EXISTS "im_mention" ("conversation_id" VARCHAR(256) NOT NULL, "user_id" VARCHAR(64) NOT
    NULL, "seq" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY ("conversation_id", "user_id", "seq"));
  CREATE TABLE IF NOT EXISTS "im_quotation" ("conversation_id" VARCHAR(256) NOT NULL, "quoted_seq" BIGINT NOT
    NULL, "seq" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY ("conversation_id", "quoted_seq",
    "seq"));
  CREATE TABLE IF NOT EXISTS "im_hidden" ("user_id" VARCHAR(64) NOT NULL, "conversation_id" VARCHAR(256) NOT
    NULL, "seq" BIGINT NOT NULL, "position" BIGINT NOT NULL, "version" BIGINT NOT NULL, PRIMARY KEY ("user_id",
    "conversation_id", "seq"), KEY "im_hidden_by_change" ("user_id", "conversation_id", "position"));
  CREATE TABLE IF NOT EXISTS "im_timer" ("timer_id" VARCHAR(320) NOT NULL, "queue" VARCHAR(16) NOT NULL, "at"
    BIGINT NOT NULL, "task" VARCHAR(16) NOT NULL, "user_id" VARCHAR(64) NOT NULL, "conversation_id" MEDIUMTEXT
    NOT NULL, "seq" BIGINT NOT NULL, "input" MEDIUMTEXT NOT NULL, "error" MEDIUMTEXT NOT NULL, "version" BIGINT
    NOT NULL, PRIMARY KEY ("timer_id"), KEY "im_timer_by_time" ("queue", "at", "timer_id"), KEY
    "im_timer_by_user" ("user_id", "task", "at", "timer_id"));
  CREATE TABLE IF NOT EXISTS "im_block" ("name" VARCHAR(128) NOT NULL, "next" BIGINT NOT NULL, "version" BIGINT
    NOT NULL, PRIMARY KEY ("name"));
  INSERT IGNORE INTO im_block ("name", "next", "version") VALUES ('log', 1000001, 1)
`
