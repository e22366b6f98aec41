import { assertUint64, encodeUint64, utf8ToBytes } from './bytes.ts';
import { CoreError } from './errors.ts';
import { keccak256 } from './hash.ts';

/** What an ICS-24 path of IBC v2 names. */
export type CommitmentKind = 'packet' | 'receipt' | 'acknowledgement';

/**
 * Names one place in a chain's provable store. `packet` stands under the packet's source client, `receipt` and
 * `acknowledgement` under its destination client.
 */
export interface CommitmentPath {
  readonly kind: CommitmentKind;
  readonly clientId: string;
  readonly sequence: bigint;
}

const DISCRIMINATOR: Readonly<Record<CommitmentKind, number>> = { packet: 1, receipt: 2, acknowledgement: 3 };

/**
 * Raw path: clientId || discriminator || big-endian sequence. Source: IBC v2 provable store, wire format section 4.
 * @throws CoreError `path/invalid` for an empty client id, `number/out-of-range`
 */
export const encodePath = ({ kind, clientId, sequence }: CommitmentPath): Uint8Array => {
  if (clientId === '') throw new CoreError('path/invalid', 'client id of a path is empty');
  const client = utf8ToBytes(clientId);
  const out = new Uint8Array(client.length + 9);
  out.set(client);
  out[client.length] = DISCRIMINATOR[kind];
  out.set(encodeUint64(sequence), client.length + 1);
  return out;
};

// A path is built in place, as any client id of a chain allows: it is hashed for every packet, and forgotten.
const MAX_ASCII = 128;
const raw = new Uint8Array(MAX_ASCII + 9);
const rawView = new DataView(raw.buffer);

/** Writes an ASCII client id where paths are built; false for any other, or none. */
const writeClientId = (clientId: string): boolean => {
  const { length } = clientId;
  if (length === 0 || length > MAX_ASCII) return false;
  for (let i = 0; i < length; i++) {
    const code = clientId.charCodeAt(i);
    if (code > 0x7f) return false;
    raw[i] = code;
  }
  return true;
};

/**
 * keccak256 of the raw path, 32 bytes: the `path` of an attestation entry and the router's `hashedPath`.
 * @throws CoreError as {@link encodePath}
 */
export const hashPath = (path: CommitmentPath): Uint8Array => {
  const { kind, clientId, sequence } = path;
  if (!writeClientId(clientId)) return keccak256(encodePath(path));
  const { length } = clientId;
  raw[length] = DISCRIMINATOR[kind];
  rawView.setBigUint64(length + 1, assertUint64(sequence, 'uint64'));
  return keccak256(raw.subarray(0, length + 9));
};
