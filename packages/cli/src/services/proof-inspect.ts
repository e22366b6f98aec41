import {
  type Address,
  bytesToHex,
  type Hex,
  isZeroBytes,
  packetCompactAt,
  readStateAttestation,
  recoverSigner,
  type SignatureRules,
  STRICT_SIGNATURE_RULES,
  signingDigest,
  viewPacketAttestation,
} from '@interchain-attestation/core';
import { createSnapshotClient, type Transaction } from '@interchain-attestation/light-client';
import { CliError } from '../output/errors.ts';
import { type ClientVerdict, type InspectedClient, judge } from './judge-proof.ts';
import { formOf, PROFILES, type ProofForm } from './profile.ts';
import { readProofBytes, toForm } from './proof-bytes.ts';
import type { ProofItem } from './proof-item.ts';

/** Who signed, as far as the signature itself tells. */
export interface InspectedSignature {
  readonly signer?: Address;
  /** Name in the configuration. */
  readonly name?: string;
  /** Why there is no signer; or what is unusual about a signature that has one: some clients refuse it. */
  readonly fault?: string;
  /** Whether the client knows the signer; undefined when no client was asked. */
  readonly known?: boolean;
  /** True when an earlier signature of the proof is by the same signer. */
  readonly duplicate?: boolean;
}

export interface InspectedProof {
  readonly where: string;
  readonly purpose: string;
  readonly clientId?: string;
  /** Undefined for an empty proof, and for bytes that are neither. */
  readonly form?: ProofForm;
  /** `covered`: the proof is empty, an earlier one of the transaction stands for it. */
  readonly attests: 'state' | 'packets' | 'covered' | 'unreadable';
  readonly height?: bigint;
  readonly timestampSec?: bigint;
  /** At most 100 of them. */
  readonly entries?: readonly { readonly path: Hex; readonly commitment: Hex }[];
  /** How many entries there are. */
  readonly count?: number;
  readonly signatures: readonly InspectedSignature[];
  readonly bytes: number;
  readonly problem?: string;
  /** What the client would say: the first of `verdicts`. */
  readonly verdict?: ClientVerdict;
  /** One for each kind of client that was asked. */
  readonly verdicts?: readonly ClientVerdict[];
}

/** What there is to see of a proof without anybody else. */
export type ReadProofItem = Pick<
  InspectedProof,
  'form' | 'attests' | 'height' | 'timestampSec' | 'entries' | 'count' | 'problem'
> & {
  readonly data?: Uint8Array;
  readonly raw?: readonly Uint8Array[];
};

const MAX_LISTED = 100;
const STATE_BYTES = 64;
/** Whatever any verifier takes. */
const LENIENT_RULES: SignatureRules = { acceptHighS: true, acceptRawRecoveryId: true, acceptOverflowedR: true };

/** What a proof attests. State and packets are told apart by the shape of the data, as nothing in it says which it is. */
export const readItem = ({ proof, form: wanted }: ProofItem): ReadProofItem => {
  if (proof.length === 0) return { attests: 'covered' };
  try {
    const { form, canonical, proof: read } = readProofBytes(proof, wanted);
    const { attestationData: data, signatures: raw } = read;
    const common = { form, data, raw, ...(canonical ? {} : { problem: 'the encoding is not canonical' }) };
    try {
      if (data.length === STATE_BYTES) {
        const { height, timestampSec } = readStateAttestation(data);
        return { ...common, attests: 'state', height, timestampSec };
      }
      const view = viewPacketAttestation(data);
      const entries = Array.from({ length: Math.min(view.count, MAX_LISTED) }, (_, index) => {
        const { path, commitment } = packetCompactAt(view, index);
        return { path: bytesToHex(path), commitment: bytesToHex(commitment) };
      });
      return { ...common, attests: 'packets', height: view.height, entries, count: view.count };
    } catch (error) {
      return { ...common, attests: 'unreadable', problem: `the attested data does not decode: ${messageOf(error)}` };
    }
  } catch (error) {
    return { attests: 'unreadable', problem: messageOf(error) };
  }
};

const messageOf = (error: unknown): string => (error as Error).message;

const purposeOf = ({ use, packet }: ProofItem): string => {
  if (use.kind === 'update') return 'state of the chain';
  if (use.named === undefined) return use.kind === 'membership' ? 'a commitment' : 'an absence';
  const packetText = packet === undefined ? '' : `#${packet.sequence} ${packet.sourceClient} → ${packet.destClient}`;
  const words = { packet: 'receive', acknowledgement: 'acknowledge', receipt: 'time out' };
  return `${words[use.named.kind]} ${packetText}`;
};

const inspectSignatures = (
  { attests, data, raw = [] }: ReadProofItem,
  attestors: readonly string[] | undefined,
  nameOf: ReadonlyMap<Address, string>,
): readonly InspectedSignature[] => {
  const digest = data && signingDigest(attests === 'state' ? 'state' : 'packet', data);
  const set = attestors && new Set(attestors.map((address) => address.toLowerCase()));
  const seen = new Set<Address>();
  return raw.map((signature): InspectedSignature => {
    if (digest === undefined) return { fault: 'unreadable' };
    const strict = recoverSigner(digest, signature, STRICT_SIGNATURE_RULES);
    const recovered = strict.ok ? strict : recoverSigner(digest, signature, LENIENT_RULES);
    const fault = strict.ok ? {} : { fault: strict.fault };
    if (!recovered.ok) return fault;
    const signer = recovered.address;
    const name = nameOf.get(signer);
    const duplicate = seen.has(signer);
    seen.add(signer);
    return {
      signer,
      ...fault,
      ...(name === undefined ? {} : { name }),
      ...(set === undefined ? {} : { known: set.has(signer.toLowerCase()) }),
      ...(duplicate ? { duplicate } : {}),
    };
  });
};

/** The proof as a client of this kind takes it; unchanged unless it shall be put into the client's form. */
const adapt = (
  item: ProofItem,
  read: ReadProofItem,
  client: InspectedClient,
): { item: ProofItem; changed: boolean } => {
  const form = formOf(client.profile);
  if (client.reencode !== true || read.form === undefined || read.form === form) return { item, changed: false };
  const [proof = item.proof] = toForm([item.proof], form);
  return { item: { ...item, proof, form }, changed: true };
};

/** @throws CliError `cli/usage` for a description of what no client of its kind can be */
const begin = ({ profile, state, consensus }: InspectedClient): Transaction => {
  try {
    return createSnapshotClient({
      policy: PROFILES[profile],
      clientState: state,
      consensusStates: consensus,
    }).beginTransaction();
  } catch (cause) {
    throw new CliError('cli/usage', `no ${profile} client is in this state: ${messageOf(cause)}`, { cause });
  }
};

/**
 * Explains proofs in their order, as one transaction: who signed, what, and what clients would say.
 * @param clientsFor who is asked about a proof: one client, under the rules of one or several profiles; or nobody. The
 * same object for every proof that the same client sees, since updates change what it says later
 * @param nameOf names of attestors by address
 * @throws CliError `cli/usage` for a description of what no client of its kind can be
 */
export const inspectProofs = (
  items: readonly ProofItem[],
  clientsFor: (item: ProofItem) => readonly InspectedClient[],
  nameOf: ReadonlyMap<Address, string>,
): readonly InspectedProof[] => {
  const transactions = new Map<InspectedClient, Transaction>();
  return items.map((item): InspectedProof => {
    const read = readItem(item);
    const { data: _, raw: __, ...shown } = read;
    const clients = clientsFor(item);
    const verdicts = clients.map((client) => {
      const transaction = transactions.get(client) ?? begin(client);
      transactions.set(client, transaction);
      const adapted = adapt(item, read, client);
      return judge(adapted.item, read, client, transaction, adapted.changed);
    });
    const [verdict] = verdicts;
    return {
      where: item.where,
      purpose: read.attests === 'packets' && item.use.kind === 'update' ? 'packets' : purposeOf(item),
      ...(item.clientId === undefined ? {} : { clientId: item.clientId }),
      ...shown,
      signatures: inspectSignatures(read, clients[0]?.state.attestors, nameOf),
      bytes: item.proof.length,
      ...(verdict === undefined ? {} : { verdict, verdicts }),
    };
  });
};

/** True when an entry says that there is nothing. */
export const isAbsence = (commitment: Hex): boolean => isZeroBytes(Buffer.from(commitment.slice(2), 'hex'));
