import { ibcGoPolicy } from '@interchain-attestation/light-client';
import type { DestKind } from '../domain/dest-kind.ts';
import { sharedListLength } from '../domain/lists.ts';
import { refusalUnder } from '../domain/rules.ts';
import { assembleBody, cosmosMessages, messagesThatFit } from './assemble.ts';
import { newCosmosClient } from './create-client.ts';

/** ibc-go keeps time in nanoseconds; what is attested are whole seconds. */
const RULES = { policy: ibcGoPolicy, unitsPerSec: 1_000_000_000n };

/**
 * Cosmos chains: an encoded TxBody, proofs in protobuf form, the rules of ibc-go's attestations client.
 * @param signer account in the `signer` fields; empty to leave them to the sender
 */
export const createCosmosDestKind = (signer: string): DestKind => ({
  kind: 'cosmos',
  // Packets of several payloads are part of the protocol; whether a version of ibc-go takes them, simulation tells.
  undeliverable: () => undefined,
  longestList: ({ minRequiredSigs }) => sharedListLength(minRequiredSigs),
  assemble: (batch) => assembleBody(batch, signer),
  messagesThatFit: (batch, limits) => messagesThatFit(batch, signer, limits),
  refusalOf: (batch, client) => refusalUnder(RULES, batch, cosmosMessages(batch), client),
  newClient: (parameters) => newCosmosClient(parameters, signer),
  addressOf: () => '',
});
