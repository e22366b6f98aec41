/** The back end outside of Node. */
export { noble as backend } from './noble.ts';
export { nobleHashes as hashes } from './noble-hashes.ts';
