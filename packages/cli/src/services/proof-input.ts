import { attestationLightClientAbi, ics26RouterAbi } from '@interchain-attestation/contracts';
import {
  ackCommitment,
  bytesToHex,
  type CommitmentPath,
  encodePath,
  type Hex,
  hexToBytes,
  MAX_UINT64,
  type Packet,
  packetCommitment,
} from '@interchain-attestation/core';
import { type Abi, decodeFunctionData } from 'viem';
import { CliError } from '../output/errors.ts';
import { findCosmosProofs } from './proof-input-cosmos.ts';
import type { ProofItem, ProofUse } from './proof-item.ts';

interface DecodedPacket {
  readonly sequence: bigint;
  readonly sourceClient: string;
  readonly destClient: string;
  readonly timeoutTimestamp: bigint;
  readonly payloads: readonly { sourcePort: string; destPort: string; version: string; encoding: string; value: Hex }[];
}

interface DecodedHeight {
  readonly revisionHeight: bigint;
}

const toPacket = ({ timeoutTimestamp, ...packet }: DecodedPacket): Packet => ({
  ...packet,
  timeoutTimestampSec: timeoutTimestamp,
  payloads: packet.payloads.map((payload) => ({ ...payload, value: hexToBytes(payload.value) })),
});

type Call = { readonly functionName: string; readonly args?: readonly unknown[] | undefined };

const decodeCall = (data: Hex): Call | undefined => {
  for (const abi of [ics26RouterAbi, attestationLightClientAbi] as readonly Abi[]) {
    try {
      return decodeFunctionData({ abi, data });
    } catch {
      // Of another contract, or no call at all.
    }
  }
  return undefined;
};

/** viem reads more than a `uint64` holds; Solidity's decoder does not. */
const heightOf = ({ revisionHeight }: DecodedHeight): Pick<ProofItem, 'height' | 'undecodable'> =>
  revisionHeight <= MAX_UINT64
    ? { height: revisionHeight }
    : { undecodable: `its revisionHeight, ${revisionHeight}, is more than 64 bits hold` };

const packetItem = (where: string, call: Call): ProofItem | undefined => {
  const message = call.args?.[0] as
    | {
        packet: DecodedPacket;
        proofHeight: DecodedHeight;
        proofCommitment: Hex;
        proofAcked: Hex;
        proofTimeout: Hex;
        acknowledgement: Hex;
      }
    | undefined;
  if (message?.packet === undefined) return undefined;
  const packet = toPacket(message.packet);
  const { sourceClient, destClient, sequence } = packet;
  const height = heightOf(message.proofHeight);
  switch (call.functionName) {
    case 'recvPacket': {
      const named: CommitmentPath = { kind: 'packet', clientId: sourceClient, sequence };
      const use: ProofUse = { kind: 'membership', path: encodePath(named), value: packetCommitment(packet), named };
      return { where, clientId: destClient, proof: hexToBytes(message.proofCommitment), ...height, use, packet };
    }
    case 'ackPacket': {
      const named: CommitmentPath = { kind: 'acknowledgement', clientId: destClient, sequence };
      const value = ackCommitment([hexToBytes(message.acknowledgement)]);
      const use: ProofUse = { kind: 'membership', path: encodePath(named), value, named };
      return { where, clientId: sourceClient, proof: hexToBytes(message.proofAcked), ...height, use, packet };
    }
    case 'timeoutPacket': {
      const named: CommitmentPath = { kind: 'receipt', clientId: destClient, sequence };
      const use: ProofUse = { kind: 'non-membership', path: encodePath(named), named };
      return { where, clientId: sourceClient, proof: hexToBytes(message.proofTimeout), ...height, use, packet };
    }
    default:
      return undefined;
  }
};

const fromCall = (where: string, call: Call): readonly ProofItem[] => {
  const { functionName, args = [] } = call;
  const label = where === '' ? functionName : `${where} ${functionName}`;
  if (functionName === 'multicall') {
    return (args[0] as readonly Hex[]).flatMap((data, index) => {
      const inner = decodeCall(data);
      return inner === undefined ? [] : fromCall(`${label}[${index}]`, inner);
    });
  }
  if (functionName === 'updateClient') {
    const [first, second] = args as readonly [string, Hex | undefined];
    // The router's takes the client id and the proof, the light client's the proof alone.
    return second === undefined
      ? [{ where: label, proof: hexToBytes(first as Hex), use: { kind: 'update' } }]
      : [{ where: label, clientId: first, proof: hexToBytes(second), use: { kind: 'update' } }];
  }
  if (functionName === 'verifyMembership' || functionName === 'verifyNonMembership') {
    const { proof, proofHeight, path, value } = args[0] as {
      proof: Hex;
      proofHeight: DecodedHeight;
      path: readonly Hex[];
      value: Hex;
    };
    const key = hexToBytes(path[0] ?? '0x');
    const use: ProofUse =
      functionName === 'verifyMembership'
        ? { kind: 'membership', path: key, value: hexToBytes(value) }
        : { kind: 'non-membership', path: key };
    return [{ where: label, proof: hexToBytes(proof), ...heightOf(proofHeight), use }];
  }
  const item = packetItem(label, call);
  return item === undefined ? [] : [item];
};

/** A lone proof, as its data tells: of a state, or of packets. */
const bare = (proof: Uint8Array): readonly ProofItem[] => [{ where: 'proof', proof, use: { kind: 'update' } }];

const find = (data: Uint8Array): readonly ProofItem[] => {
  // An encoded proof is a whole number of words; calldata has four bytes more.
  const call = data.length % 32 === 4 ? decodeCall(bytesToHex(data)) : undefined;
  if (call !== undefined) {
    const items = fromCall('', call).map((item): ProofItem => ({ ...item, form: 'abi' }));
    if (items.length === 0) throw new CliError('cli/usage', `the call ${call.functionName} carries no proof`);
    return items;
  }
  // Messages are known by their type URLs. Attested data begins with zeros, so that no proof reads as messages.
  const messages = findCosmosProofs(data);
  if (messages?.length === 0) throw new CliError('cli/usage', 'these Cosmos messages carry no attestation proof');
  return messages ?? bare(data);
};

/**
 * Finds the proofs in what a user hands in: an AttestationProof, ABI or protobuf; calldata of the router or the light
 * client, a multicall among them; a Cosmos message, TxBody or transaction.
 * @throws CliError `cli/usage` for bytes that carry no proof, or a packet that there cannot be
 */
export const findProofs = (data: Uint8Array): readonly ProofItem[] => {
  if (data.length === 0) throw new CliError('cli/usage', 'there are no bytes to inspect');
  try {
    return find(data);
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError('cli/usage', `nobody can say what these proofs are for: ${(cause as Error).message}`, { cause });
  }
};
