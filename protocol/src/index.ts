export type { Change } from './change.ts'
export { type Check, compileCheck } from './check.ts'
export {
  Content,
  contentType,
  contentTypeByName,
  contentTypes,
  type MsgTypeName,
  msgType,
  preview,
} from './content/index.ts'
export {
  contentColumns,
  fitsBytes,
  flatContent,
  isJsonText,
  readContent,
  typedContent,
} from './content/spelling.ts'
export type { Body, ContentType } from './content/type.ts'
export { type Conversation, type ReadState, receiveOption } from './conversation.ts'
export { type KickReason, platformName, platforms } from './device.ts'
export {
  asImError,
  closeCodes,
  type ErrorName,
  type ErrorOptions,
  type ErrorRow,
  type ErrorTold,
  errorFromWire,
  errors,
  ImError,
} from './errors.ts'
export {
  classicEvents,
  type Event,
  type EventData,
  type EventName,
  type Events,
  eventNames,
  eventOfFrame,
  events,
} from './events.ts'
export {
  type AnswerFrame,
  type Base64,
  type FrameCodec,
  FrameError,
  nexoCodec,
  nexoV1Codec,
  type RequestFrame,
  subprotocol,
} from './frame.ts'
export { type Group, groupStatus, invitedBy, joinMode, type Member, memberStatus, roles } from './group.ts'
export {
  type ConversationRef,
  compareIds,
  groupConversationId,
  isUserId,
  parseConversationId,
  peerOf,
  sessionType,
  singleConversationId,
} from './ids.ts'
export { decodeUtf8, parseJson } from './json.ts'
export { type Link, type LinkEnd, type LinkEvents, linkPair } from './link.ts'
export { type Message, mentionAll, type Proof, type SendAck } from './message.ts'
export { type Notice, type NoticeKind, noticeKinds } from './notice.ts'
export type { LimitName, Operation, Route } from './operation.ts'
export {
  type FrameOutput,
  type Input,
  type OperationName,
  type Operations,
  type Output,
  operationNames,
  operationOfFrame,
  operations,
} from './operations.ts'
export { type Online, onlineStatus } from './presence.ts'
export { openTo, type Privacy } from './privacy.ts'
export { type Chained, chainOf, digestOf, type Sha256 } from './proof.ts'
export {
  type Application,
  type FriendRequest,
  type InviteLink,
  type Relation,
  requestState,
} from './relation.ts'
export type { CustomStatus, User } from './user.ts'
export { protocolVersion } from './version.ts'
