import { attestationLightClientAbi } from '@interchain-attestation/contracts';
import { bytesToHex, decodeStateAttestation, type Hex, hexToBytes } from '@interchain-attestation/core';
import { createSnapshotClient, type UpdateResult } from '@interchain-attestation/light-client';
import { misbehaviourProofs, parseEvidence } from '@interchain-attestation/proof-api';
import { encodeFunctionData } from 'viem';
import { CliError } from '../output/errors.ts';
import { encodeUpdateBody } from './cosmos-body.ts';
import type { InspectedClient } from './judge-proof.ts';
import { formOf, PROFILES } from './profile.ts';
import { readProofBytes, toForm } from './proof-bytes.ts';

/**
 * Proofs in a file: evidence as the proof API stores it, or one encoded AttestationProof in hex, ABI or protobuf.
 * @throws CliError `cli/usage`
 */
export const readEvidence = (text: string): readonly Uint8Array[] => {
  const trimmed = text.trim();
  if (trimmed.startsWith('{')) {
    let proofs: readonly Hex[];
    try {
      proofs = misbehaviourProofs(parseEvidence(trimmed));
    } catch (cause) {
      throw new CliError('cli/usage', 'the file is no evidence of the proof API', { cause });
    }
    if (proofs.length === 0)
      throw new CliError('cli/usage', 'this evidence freezes no client: no two statements in it have a quorum');
    return proofs.map((proof) => hexToBytes(proof));
  }
  if (!/^(0x)?([0-9a-fA-F]{2})+$/.test(trimmed))
    throw new CliError('cli/usage', 'expected evidence (JSON) or a proof in hex');
  return [hexToBytes(`0x${trimmed.replace(/^0x/i, '').toLowerCase()}`)];
};

/** Heights that the proofs speak of. */
export const evidenceHeights = (proofs: readonly Uint8Array[]): readonly bigint[] =>
  proofs.map((proof) => {
    try {
      return decodeStateAttestation(readProofBytes(proof).proof.attestationData).height;
    } catch (cause) {
      throw new CliError('cli/usage', `this is no proof of a state: ${(cause as Error).message}`, { cause });
    }
  });

/** One transaction to send, alone. */
export interface EvidenceStep {
  /** In the form that the client takes. */
  readonly proof: Hex;
  readonly result: UpdateResult;
}

/**
 * What submitting the proofs one after the other does to the client, and which of them are worth a transaction.
 * @throws CliError `cli/verdict` when the client would not freeze
 */
export const planMisbehaviour = (client: InspectedClient, proofs: readonly Uint8Array[]): readonly EvidenceStep[] => {
  const light = createSnapshotClient({
    policy: PROFILES[client.profile],
    clientState: client.state,
    consensusStates: client.consensus,
  });
  const steps = toForm(proofs, formOf(client.profile)).map((proof) => {
    const verdict = light.verifyClientMessage(proof);
    // A client of ibc-go writes what it holds already once more: nothing that is worth a transaction.
    const known = verdict.ok && light.timestampAtHeight(verdict.attested.height) !== undefined;
    const update = light.updateClient(proof);
    if (!update.ok)
      throw new CliError('cli/verdict', `the client rejects the evidence: ${update.message} [${update.code}]`);
    return { proof: bytesToHex(proof), result: update.result, known };
  });
  const freezing = steps.findIndex(({ result }) => result === 'Misbehaviour');
  if (freezing === -1)
    throw new CliError('cli/verdict', 'this contradicts nothing that the client holds: it would not freeze');
  return steps
    .slice(0, freezing + 1)
    .filter(({ result, known }) => result === 'Misbehaviour' || !known)
    .map(({ proof, result }) => ({ proof, result }));
};

/**
 * The transaction that brings one proof to a client, alone: beside a receive, the receive would revert and take the
 * freeze back. On EVM straight to the light client, on Cosmos a MsgUpdateClient.
 */
export const evidenceTransaction = (
  kind: 'evm' | 'cosmos',
  location: string,
  proof: Hex,
): { readonly tx: Uint8Array; readonly address: string } => {
  if (kind === 'cosmos') return { tx: encodeUpdateBody(location, hexToBytes(proof)), address: '' };
  const data = encodeFunctionData({ abi: attestationLightClientAbi, functionName: 'updateClient', args: [proof] });
  return { tx: hexToBytes(data), address: location };
};
