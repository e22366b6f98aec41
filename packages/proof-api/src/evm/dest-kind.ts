import { deployedSolidityPolicy, solidityPolicy } from '@interchain-attestation/light-client';
import type { Batch } from '../domain/batch.ts';
import type { ClientView, DestKind } from '../domain/dest-kind.ts';
import type { Item, LeftOutReason } from '../domain/item.ts';
import { MAX_LIST, sharedListLength } from '../domain/lists.ts';
import { refusalUnder } from '../domain/rules.ts';
import { assembleBatch, evmMessages, messagesThatFit } from './assemble.ts';
import { newEvmClient } from './create-client.ts';

/**
 * The router takes one payload, and so one acknowledgement, a packet. A packet with more can only time out, which its
 * source chain is told like any timeout.
 */
const undeliverable = ({ kind, packet, acknowledgements }: Item): LeftOutReason | undefined => {
  const isSingle = packet.payloads.length === 1 && (kind !== 'acknowledge' || acknowledgements.length === 1);
  return isSingle ? undefined : 'multi-payload';
};

const refusalOf = (batch: Batch, client: ClientView): string | undefined => {
  const policy = client.state.verifiesOncePerTransaction ? solidityPolicy : deployedSolidityPolicy;
  return refusalUnder({ policy, unitsPerSec: 1n }, batch, evmMessages(batch), client);
};

/** EVM chains: calldata of `router.multicall`, proofs in ABI form, the rules of the Solidity light client. */
export const evmDestKind: DestKind = {
  kind: 'evm',
  undeliverable,
  longestList: ({ verifiesOncePerTransaction, minRequiredSigs }) =>
    verifiesOncePerTransaction ? MAX_LIST : sharedListLength(minRequiredSigs),
  assemble: assembleBatch,
  messagesThatFit: (batch, { maxTxBytes }) => messagesThatFit(batch, maxTxBytes),
  refusalOf,
  newClient: newEvmClient,
  addressOf: ({ store }) => store,
};
