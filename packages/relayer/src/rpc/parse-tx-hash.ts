import { bytesToHex, type Hex, hexToBytes } from '@interchain-attestation/core';
import { RelayerError } from '../errors.ts';

/**
 * A transaction hash as people write it: 32 bytes of hex, with or without 0x, in either case.
 * @throws RelayerError `relayer/invalid-request`
 */
export const parseTxHash = (text: string): Hex => {
  if (!/^(0[xX])?[0-9a-fA-F]{64}$/.test(text)) {
    throw new RelayerError('relayer/invalid-request', 'tx_hash is not 32 bytes of hex', {
      meta: { got: text.slice(0, 80) },
    });
  }
  return bytesToHex(hexToBytes(text));
};
