/** Agents on other machines, or in other programs. */
export { type HubOptions, RemoteHub } from './hub.js';
export { openHub, remoteNames } from './start.js';
export { REMOTE_PATH, REMOTE_PROTOCOL } from './protocol.js';
