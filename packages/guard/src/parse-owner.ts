import { type Address, parseAddress } from '@interchain-attestation/core';
import { GuardError } from './errors.ts';
import { parseHash } from './parse-statement.ts';
import type { GuardSource } from './types.ts';

/**
 * Brings a key and a source into the one spelling in which they are compared.
 * @throws GuardError `guard/invalid-input`, CoreError `address/invalid`, `address/checksum`
 */
export const parseOwner = (key: Address, source: GuardSource): { key: Address; source: GuardSource } => {
  if (source.chainId === '' || source.store === '') {
    throw new GuardError('guard/invalid-input', 'chain id or store of the source is empty');
  }
  return {
    key: parseAddress(key),
    source: {
      chainId: source.chainId,
      genesisHash: parseHash(source.genesisHash, 'genesis hash'),
      store: isEvmAddress(source.store) ? parseAddress(source.store) : source.store,
    },
  };
};

const isEvmAddress = (store: string): boolean => /^0x[0-9a-fA-F]{40}$/.test(store);
