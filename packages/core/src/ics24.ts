import { encodeUint64, utf8ToBytes } from './bytes.ts';
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

/** keccak256 of the raw path, 32 bytes: the `path` of an attestation entry and the router's `hashedPath`. */
export const hashPath = (path: CommitmentPath): Uint8Array => keccak256(encodePath(path));
