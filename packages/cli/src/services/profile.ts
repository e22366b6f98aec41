import {
  deployedSolidityPolicy,
  ibcGoModulePolicy,
  ibcGoPolicy,
  type Policy,
  solidityPolicy,
} from '@interchain-attestation/light-client';

export const PROFILE_NAMES = ['solidity', 'deployed-solidity', 'ibc-go', 'ibc-go-module'] as const;

/**
 * A kind of on-chain client: this project's contract, which verifies a batch once; the contract of solidity-ibc-eureka
 * as it is deployed; ibc-go v11 as a chain runs it, through IBC core; the same, asked without IBC core around it.
 */
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** The rules of each. */
export const PROFILES: Readonly<Record<ProfileName, Policy>> = {
  solidity: solidityPolicy,
  'deployed-solidity': deployedSolidityPolicy,
  'ibc-go': ibcGoPolicy,
  'ibc-go-module': ibcGoModulePolicy,
};

/** Which form proofs take for the client: protobuf for ibc-go, ABI for the contracts. */
export type ProofForm = 'abi' | 'protobuf';

export const formOf = (profile: ProfileName): ProofForm => (profile.startsWith('ibc-go') ? 'protobuf' : 'abi');
