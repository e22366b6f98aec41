import {
  bytesToHex,
  decodeAttestationProof,
  decodeStateAttestation,
  type Hex,
  hexToBytes,
} from '@interchain-attestation/core';
import { createSnapshotClient, deployedSolidityPolicy, type UpdateResult } from '@interchain-attestation/light-client';
import { misbehaviourProofs, parseEvidence } from '@interchain-attestation/proof-api';
import { CliError } from '../output/errors.ts';
import type { InspectedClient } from './proof-inspect.ts';

/** Proofs in a file: evidence as the proof API stores it, or one encoded AttestationProof in hex. @throws CliError `cli/usage` */
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
      return decodeStateAttestation(decodeAttestationProof(proof).attestationData).height;
    } catch (cause) {
      throw new CliError('cli/usage', `this is no proof of a state: ${(cause as Error).message}`, { cause });
    }
  });

/** One transaction to send, alone. */
export interface EvidenceStep {
  readonly proof: Hex;
  readonly result: UpdateResult;
}

/**
 * What submitting the proofs one after the other does to the client, and which of them are worth a transaction.
 * @throws CliError `cli/verdict` when the client would not freeze
 */
export const planMisbehaviour = (client: InspectedClient, proofs: readonly Uint8Array[]): readonly EvidenceStep[] => {
  const light = createSnapshotClient({
    policy: deployedSolidityPolicy,
    clientState: client.state,
    consensusStates: client.consensus,
  });
  const steps = proofs.map((proof): EvidenceStep => {
    const verdict = light.updateClient(proof);
    if (!verdict.ok)
      throw new CliError('cli/verdict', `the client rejects the evidence: ${verdict.message} [${verdict.code}]`);
    return { proof: bytesToHex(proof), result: verdict.result };
  });
  const freezing = steps.findIndex(({ result }) => result === 'Misbehaviour');
  if (freezing === -1)
    throw new CliError('cli/verdict', 'this contradicts nothing that the client holds: it would not freeze');
  return steps.slice(0, freezing + 1).filter(({ result }) => result !== 'NoOp');
};
