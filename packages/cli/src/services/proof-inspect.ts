import {
  type Address,
  bytesToHex,
  type Hex,
  isZeroBytes,
  keccak256,
  packetCompactAt,
  readAttestationProof,
  readStateAttestation,
  recoverSigner,
  signingDigest,
  viewPacketAttestation,
} from '@interchain-attestation/core';
import { type ClientSnapshot, createSnapshotClient, type Transaction } from '@interchain-attestation/light-client';
import { PROFILES, type ProfileName } from './profile.ts';
import type { ProofItem } from './proof-input.ts';

/** Who signed, as far as the signature itself tells. */
export interface InspectedSignature {
  readonly signer?: Address;
  /** Name in the configuration. */
  readonly name?: string;
  /** Why there is no signer. */
  readonly fault?: string;
  /** Whether the client knows the signer; undefined when no client was asked. */
  readonly known?: boolean;
}

export interface InspectedProof {
  readonly where: string;
  readonly purpose: string;
  readonly clientId?: string;
  /** `covered`: the proof is empty, an earlier one of the transaction stands for it. */
  readonly attests: 'state' | 'packets' | 'covered' | 'unreadable';
  readonly height?: bigint;
  readonly timestampSec?: bigint;
  readonly entries?: readonly { readonly path: Hex; readonly commitment: Hex }[];
  readonly signatures: readonly InspectedSignature[];
  readonly bytes: number;
  readonly problem?: string;
  readonly verdict?: ClientVerdict;
}

/** What the client would say. */
export interface ClientVerdict {
  readonly accepted: boolean;
  readonly code?: string;
  /** As the chain would report it. */
  readonly errorName?: string | null;
  readonly message: string;
}

/** A client as its chain holds it, and the rules that it goes by. */
export interface InspectedClient {
  readonly profile: ProfileName;
  readonly state: ClientSnapshot['clientState'];
  /** Timestamps by height, in the profile's unit: seconds (Solidity) or nanoseconds (ibc-go). */
  readonly consensus: ReadonlyMap<bigint, bigint>;
}

type Read = Pick<InspectedProof, 'attests' | 'height' | 'timestampSec' | 'entries' | 'problem'> & {
  readonly data?: Uint8Array;
  readonly raw?: readonly Uint8Array[];
};

const MAX_LISTED = 100;

/** What a proof attests. State and packets are told apart by the shape of the data, as nothing in it says which it is. */
const readProof = (proof: Uint8Array): Read => {
  if (proof.length === 0) return { attests: 'covered' };
  try {
    const { attestationData: data, signatures: raw, canonical } = readAttestationProof(proof);
    const note = canonical ? {} : { problem: 'the encoding is not canonical' };
    if (data.length === 64) {
      const { height, timestampSec } = readStateAttestation(data);
      return { attests: 'state', height, timestampSec, data, raw, ...note };
    }
    const view = viewPacketAttestation(data);
    const entries = Array.from({ length: Math.min(view.count, MAX_LISTED) }, (_, index) => {
      const { path, commitment } = packetCompactAt(view, index);
      return { path: bytesToHex(path), commitment: bytesToHex(commitment) };
    });
    return { attests: 'packets', height: view.height, entries, data, raw, ...note };
  } catch (error) {
    return { attests: 'unreadable', problem: (error as Error).message };
  }
};

const purposeOf = ({ use, packet }: ProofItem): string => {
  if (use.kind === 'update') return 'state of the chain';
  if (use.named === undefined) return use.kind === 'membership' ? 'a commitment' : 'an absence';
  const packetText = packet === undefined ? '' : `#${packet.sequence} ${packet.sourceClient} → ${packet.destClient}`;
  const words = { packet: 'receive', acknowledgement: 'acknowledge', receipt: 'time out' };
  return `${words[use.named.kind]} ${packetText}`;
};

const judge = (item: ProofItem, read: Read, transaction: Transaction): ClientVerdict => {
  const { proof, use } = item;
  const height = item.height ?? read.height ?? 0n;
  const asks = ((): { ok: boolean; code?: string; errorName?: string | null; message?: string; note?: string } => {
    if (use.kind === 'membership') {
      return transaction.verifyMembership({ proof, height, path: [use.path], value: use.value });
    }
    if (use.kind === 'non-membership') return transaction.verifyNonMembership({ proof, height, path: [use.path] });
    if (read.attests === 'packets') return judgeEntries(proof, height, read, transaction);
    const verdict = transaction.updateClient(proof);
    if (!verdict.ok) return verdict;
    const notes = {
      Update: 'it learns a new height',
      NoOp: 'it knows this already',
      Misbehaviour: 'THE CLIENT FREEZES: it holds another timestamp for this height',
    };
    return { ok: true, note: notes[verdict.result] };
  })();
  return {
    accepted: asks.ok,
    ...(asks.code === undefined ? {} : { code: asks.code }),
    ...(asks.errorName === undefined ? {} : { errorName: asks.errorName }),
    message: asks.ok ? (asks.note ?? 'accepted') : (asks.message ?? 'rejected'),
  };
};

/**
 * A bare packet attestation: its paths are hashes, so no call can be made for it, but everything that the client checks
 * before it looks for a path shows in the verdict on one that cannot be there.
 */
const judgeEntries = (
  proof: Uint8Array,
  height: bigint,
  read: Read,
  transaction: Transaction,
): { ok: boolean; code?: string; errorName?: string | null; message?: string; note?: string } => {
  const nowhere = keccak256(read.data ?? new Uint8Array());
  const verdict = transaction.verifyMembership({ proof, height, path: [nowhere], value: nowhere });
  if (verdict.ok || verdict.code === 'not-member') return { ok: true, note: 'good for each of its entries' };
  return verdict;
};

/**
 * Explains proofs in their order, as one transaction: who signed, what, and what the client would say.
 * @param nameOf names of attestors by address
 */
export const inspectProofs = (
  items: readonly ProofItem[],
  client: InspectedClient | undefined,
  nameOf: ReadonlyMap<Address, string>,
): readonly InspectedProof[] => {
  const transaction =
    client &&
    createSnapshotClient({
      policy: PROFILES[client.profile],
      clientState: client.state,
      consensusStates: client.consensus,
    }).beginTransaction();
  return items.map((item): InspectedProof => {
    const read = readProof(item.proof);
    const { data, raw = [], ...shown } = read;
    const digest = data && signingDigest(read.attests === 'state' ? 'state' : 'packet', data);
    const signatures = raw.map((signature): InspectedSignature => {
      const recovered = digest && recoverSigner(digest, signature);
      if (recovered === undefined || !recovered.ok) return { fault: recovered?.fault ?? 'unreadable' };
      const signer = recovered.address;
      const name = nameOf.get(signer);
      return {
        signer,
        ...(name === undefined ? {} : { name }),
        ...(client === undefined ? {} : { known: client.state.attestors.includes(signer) }),
      };
    });
    return {
      where: item.where,
      purpose: read.attests === 'packets' && item.use.kind === 'update' ? 'packets' : purposeOf(item),
      ...(item.clientId === undefined ? {} : { clientId: item.clientId }),
      ...shown,
      signatures,
      bytes: item.proof.length,
      ...(transaction === undefined ? {} : { verdict: judge(item, read, transaction) }),
    };
  });
};

/** True when an entry says that there is nothing. */
export const isAbsence = (commitment: Hex): boolean => isZeroBytes(Buffer.from(commitment.slice(2), 'hex'));
