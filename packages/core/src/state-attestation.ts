import { AbiReader, throwNonCanonical } from './abi/reader.ts';
import { AbiWriter } from './abi/writer.ts';

/** "Block `height` has time `timestampSec`." Source: wire format, section 1. */
export interface StateAttestation {
  readonly height: bigint;
  /** Unix seconds. */
  readonly timestampSec: bigint;
}

const BYTES = 64;

/**
 * ABI form of a state attestation: 64 bytes, no offset word.
 * @throws CoreError `number/out-of-range`
 */
export const encodeStateAttestation = (value: StateAttestation): Uint8Array =>
  new AbiWriter(BYTES).uint64(value.height, 'height').uint64(value.timestampSec, 'timestamp').data;

/**
 * What Solidity's `abi.decode` makes of `data`, and whether it is the canonical form (no trailing bytes).
 * @throws CoreError `abi/truncated`, `abi/dirty-bits`
 */
export const readStateAttestation = (data: Uint8Array): StateAttestation & { readonly canonical: boolean } => {
  const reader = new AbiReader(data);
  reader.need(0, BYTES, 'StateAttestation');
  return {
    height: reader.uint64(0, 'height'),
    timestampSec: reader.uint64(32, 'timestamp'),
    canonical: data.length === BYTES,
  };
};

/**
 * Strict decoder: only the canonical form.
 * @throws CoreError `abi/truncated`, `abi/dirty-bits`, `abi/non-canonical`
 */
export const decodeStateAttestation = (data: Uint8Array): StateAttestation => {
  const { height, timestampSec, canonical } = readStateAttestation(data);
  if (!canonical) throwNonCanonical('StateAttestation');
  return { height, timestampSec };
};
