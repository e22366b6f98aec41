import type { StorePath } from '@interchain-attestation/chains';
import {
  bytesToHex,
  concatBytes,
  encodePath,
  type Hex,
  hexToBytes,
  keccak256,
  type Packet,
  packetCommitment,
} from '@interchain-attestation/core';
import type { Anvil } from './anvil.ts';

/** Where the contract below is put, in EIP-55. */
export const ROUTER = '0x1111111111111111111111111111111111111111';

/** Base of the commitment mapping in the router's storage. Source: wire format, section 6. */
const BASE = '1260944489272988d9df285149b5aa1b0f48f2136d6f416159f840a3e0747600';
/** ERC-1967 slot of the implementation: what makes an address a proxy. */
const IMPLEMENTATION_SLOT = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc';

/** Answers `getCommitment(bytes32)` (and anything else) with the word at keccak256(argument || base). */
const CODE = `0x600435600052 7f${BASE}602052 604060002054 600052 60206000f3`.replaceAll(' ', '');

/** Puts a contract that keeps commitments where the real router keeps them. */
export const installRouter = async (anvil: Anvil): Promise<void> => {
  await anvil.batch([
    { method: 'anvil_setCode', params: [ROUTER, CODE] },
    { method: 'anvil_setStorageAt', params: [ROUTER, IMPLEMENTATION_SLOT, `0x${'22'.repeat(32)}`] },
  ]);
};

/** Storage slot of a commitment. */
export const commitmentSlot = (path: StorePath): Hex =>
  bytesToHex(keccak256(concatBytes(keccak256(encodePath(path)), hexToBytes(BASE))));

/** Writes commitments into the newest block; mine one to make them part of its successors. */
export const setCommitments = async (
  anvil: Anvil,
  entries: readonly { readonly path: StorePath; readonly value: Uint8Array }[],
): Promise<void> => {
  for (let at = 0; at < entries.length; at += 1_000) {
    await anvil.batch(
      entries.slice(at, at + 1_000).map(({ path, value }) => ({
        method: 'anvil_setStorageAt',
        params: [ROUTER, commitmentSlot(path), bytesToHex(value)],
      })),
    );
  }
};

/** Commits to packets as their source chain does. */
export const setSent = (anvil: Anvil, packets: readonly Packet[]): Promise<void> =>
  setCommitments(
    anvil,
    packets.map((packet) => ({
      path: { kind: 'packet', clientId: packet.sourceClient, sequence: packet.sequence },
      value: packetCommitment(packet),
    })),
  );
