import { createHash } from 'node:crypto';
import { concatHex, encodeAbiParameters, encodePacked, type Hex, hexToBytes, keccak256, toHex } from 'viem';
import { privateKeyToAddress, sign } from 'viem/accounts';

/** Keys of n attestors, in the order of their set. */
export interface Attestors {
  readonly keys: readonly Hex[];
  readonly addresses: readonly Hex[];
  readonly quorum: number;
}

/** One entry of a packet attestation. */
export interface Entry {
  readonly path: Hex;
  readonly commitment: Hex;
}

const entryTuple = { type: 'tuple[]', components: [{ type: 'bytes32' }, { type: 'bytes32' }] } as const;

export function createAttestors(quorum: number, count: number): Attestors {
  const keys = Array.from({ length: count }, (_, i) => keccak256(toHex(`attestor ${i}`)));
  return { keys, addresses: keys.map((key) => privateKeyToAddress(key)), quorum };
}

export const sha256 = (data: Hex): Hex => `0x${createHash('sha256').update(hexToBytes(data)).digest('hex')}`;

/** A proof over `height` and `entries`, signed by the first `quorum` attestors. */
export function attestPackets(attestors: Attestors, height: bigint, entries: readonly Entry[]): Promise<Hex> {
  const data = encodeAbiParameters(
    [{ type: 'tuple', components: [{ type: 'uint64' }, entryTuple] }],
    [[height, entries.map(({ path, commitment }) => [path, commitment] as const)]],
  );
  return prove(attestors, '0x02', data);
}

/** An update to `height`, signed by the first `quorum` attestors. */
export function attestState(attestors: Attestors, height: bigint, timestampSec: bigint): Promise<Hex> {
  return prove(
    attestors,
    '0x01',
    encodeAbiParameters([{ type: 'uint64' }, { type: 'uint64' }], [height, timestampSec]),
  );
}

/** keccak256 of the ICS-24 path of a packet's commitment, as attested. */
export function commitmentPath(clientId: string, sequence: bigint): Hex {
  return encodePacked(['string', 'uint8', 'uint64'], [clientId, 1, sequence]);
}

async function prove({ keys, quorum }: Attestors, typeTag: Hex, data: Hex): Promise<Hex> {
  const hash = sha256(concatHex([typeTag, sha256(data)]));
  const signatures = await Promise.all(
    keys.slice(0, quorum).map((privateKey) => sign({ hash, privateKey, to: 'hex' })),
  );
  return encodeAbiParameters(
    [{ type: 'tuple', components: [{ type: 'bytes' }, { type: 'bytes[]' }] }],
    [[data, signatures]],
  );
}
