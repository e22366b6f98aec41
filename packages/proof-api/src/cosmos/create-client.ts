import { createLightClient, createMemoryStore, ibcGoPolicy } from '@interchain-attestation/light-client';
import { invalidParameter, type NewClient, type Parameters, parseNewClient } from '../domain/new-client.ts';
import { createClientMessage, encodeBody } from './messages.ts';
import { parseSigner } from './signer.ts';

/**
 * A client on a Cosmos chain: a TxBody with MsgCreateClient. The chain chooses its id. What ibc-go would refuse is
 * refused here, by its own rules.
 * @param ownSigner who signs when the parameter `signer` names nobody; empty to leave it to the sender
 * @throws ProofApiError `proof-api/invalid-request`
 */
export const newCosmosClient = (parameters: Parameters, ownSigner: string): NewClient => {
  const client = parseNewClient(parameters, ['signer']);
  const { attestors, minRequiredSigs } = client.set;
  const signer = parameters.signer === undefined ? ownSigner : parseSigner(parameters.signer);
  if (signer === undefined) throw invalidParameter(`signer: not a bech32 address: ${parameters.signer?.slice(0, 100)}`);
  return {
    ...client,
    encode(initial) {
      const verdict = createLightClient({ policy: ibcGoPolicy, store: createMemoryStore() }).initialize({
        attestors,
        minRequiredSigs,
        ...initial,
      });
      if (!verdict.ok) throw invalidParameter(`the chain would refuse this client: ${verdict.message}`);
      return encodeBody([createClientMessage(client.set, initial, signer)]);
    },
  };
};
