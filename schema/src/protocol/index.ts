export { CLOSE, isPermanentClose } from './close-code.ts';
export type { SavedState } from './doc-frame.ts';
export {
  DOC_MESSAGE,
  encodeSaved,
  MAX_DOC_FRAME_BYTES,
  PERMISSION_DENIED,
  readSaved,
  SYNC_MESSAGE,
} from './doc-frame.ts';
export type { Applied as AppliedMessage, DownMessage, PushOutcome, Target, WelcomeMessage } from './down.ts';
export { DownMessage as DownMessageSchema, Warning as WarningSchema } from './down.ts';
export type { FrameDefect, MalformedFrame, PushFrame, ReadsFrame } from './frame.ts';
export {
  decodePush,
  decodeReads,
  encodePush,
  encodeReads,
  MAX_PUSHES_IN_FLIGHT,
  MAX_SYNC_FRAME_BYTES,
} from './frame.ts';
export { AnnouncedStreams, AnnounceStreams, OpenedEpoch } from './link-http.ts';
export { AttachFields, Capabilities, ClaimedHealth, ClientVersion, NodeState } from './node.ts';
export { LINK_SUBPROTOCOL, RELAY_CAPABILITY, RelayNode, relayNodeOf } from './relay-node.ts';
export type { HelloMessage, ReaderStatus, UpMessage, UpMessageInput } from './up.ts';
export { UpMessage as UpMessageSchema } from './up.ts';
export { BEARER_PREFIX, CLIENT_VERSION, OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION, SUBPROTOCOL } from './version.ts';
