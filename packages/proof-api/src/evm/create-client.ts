import { attestationLightClientArtifact } from '@interchain-attestation/contracts';
import { hexToBytes, parseAddress } from '@interchain-attestation/core';
import { encodeDeployData } from 'viem';
import { type NewClient, type Parameters, parseNewClient, readParameter } from '../domain/new-client.ts';

/** Lets anyone submit proofs: they are checked, whoever brings them. */
const ANYONE = `0x${'0'.repeat(40)}`;

/**
 * A client on an EVM chain: creation code of the light client contract with its arguments, the data of a transaction
 * without a receiver. `role_manager` names who may grant the right to submit proofs.
 * @throws ProofApiError `proof-api/invalid-request`
 */
export const newEvmClient = (parameters: Parameters): NewClient => {
  const client = parseNewClient(parameters, ['role_manager']);
  const roleManager = readParameter(() => parseAddress(parameters.role_manager ?? ANYONE));
  const { attestors, minRequiredSigs } = client.set;
  return {
    ...client,
    encode: ({ height, timestampSec }) =>
      hexToBytes(
        encodeDeployData({
          abi: attestationLightClientArtifact.abi,
          bytecode: attestationLightClientArtifact.bytecode,
          args: [[...attestors], minRequiredSigs, height, timestampSec, roleManager],
        }),
      ),
  };
};
