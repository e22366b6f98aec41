import { AbiReader, throwNonCanonical } from './abi/reader.ts';
import { AbiWriter } from './abi/writer.ts';
import { assertLength } from './bytes.ts';

/** One entry: at this path stands this commitment; 32 zero bytes mean "nothing". */
export interface PacketCompact {
  /** keccak256 of the raw ICS-24 path, 32 bytes. */
  readonly path: Uint8Array;
  /** 32 bytes. */
  readonly commitment: Uint8Array;
}

/** "At `height` these paths hold these commitments." Source: wire format, section 1. */
export interface PacketAttestation {
  readonly height: bigint;
  readonly packets: readonly PacketCompact[];
}

/** A packet attestation read in place: entries are views into the data, none is copied or decoded ahead. */
export interface PacketAttestationView {
  readonly height: bigint;
  readonly count: number;
  /** Byte offset of the first entry; entry i stands at `entriesAt + 64 * i` (path, then commitment). */
  readonly entriesAt: number;
  /** True when the data is the one canonical encoding of its content. */
  readonly canonical: boolean;
  readonly data: Uint8Array;
}

const ENTRY = 64;
const HEAD = 128;

/**
 * ABI form of a packet attestation, 128 + 64 n bytes.
 * @throws CoreError `number/out-of-range`, `bytes/invalid-length`
 */
export const encodePacketAttestation = (value: PacketAttestation): Uint8Array => {
  const writer = new AbiWriter(HEAD + ENTRY * value.packets.length)
    .size(32)
    .uint64(value.height, 'height')
    .size(64)
    .size(value.packets.length);
  for (const { path, commitment } of value.packets) {
    writer.word(assertLength(path, 32, 'path hash')).word(assertLength(commitment, 32, 'commitment'));
  }
  return writer.data;
};

/**
 * Reads a packet attestation in place, accepting exactly what Solidity's `abi.decode` accepts.
 * @throws CoreError `abi/truncated`, `abi/offset-out-of-range`, `abi/length-out-of-range`, `abi/dirty-bits`
 */
export const viewPacketAttestation = (data: Uint8Array): PacketAttestationView => {
  const reader = new AbiReader(data);
  const struct = reader.follow(0, 0, 64, 'PacketAttestation');
  const height = reader.uint64(struct, 'height');
  const array = reader.follow(struct + 32, struct, 32, 'packets');
  const count = reader.length(array, ENTRY, 'packets');
  return { height, count, entriesAt: array + 32, canonical: reader.canonical, data };
};

/** Entry `index` of a view, as subarrays of its data. */
export const packetCompactAt = (view: PacketAttestationView, index: number): PacketCompact => {
  const at = view.entriesAt + ENTRY * index;
  return { path: view.data.subarray(at, at + 32), commitment: view.data.subarray(at + 32, at + ENTRY) };
};

/**
 * Strict decoder: only the canonical form.
 * @throws CoreError as {@link viewPacketAttestation}, and `abi/non-canonical`
 */
export const decodePacketAttestation = (data: Uint8Array): PacketAttestation => {
  const view = viewPacketAttestation(data);
  if (!view.canonical) throwNonCanonical('PacketAttestation');
  return { height: view.height, packets: Array.from({ length: view.count }, (_, i) => packetCompactAt(view, i)) };
};
