import type { ChainReader } from '@interchain-attestation/chains';
import {
  type Address,
  bytesToHex,
  decodeAttestationProof,
  encodeAttestationProof,
  equalBytes,
  type Hex,
  hexToBytes,
  sha256,
  utf8ToBytes,
} from '@interchain-attestation/core';
import { encodeProtobufProof } from '@interchain-attestation/light-client';
import { z } from 'zod';
import type { SignedGroup, Tally } from '../domain/tally.ts';

/** Members of the set that signed the same bytes. */
export interface EvidenceStatement {
  /** The signed bytes. */
  readonly attestationData: Hex;
  /** True for what the proof API read itself. */
  readonly matchesOwnReading: boolean;
  readonly signatures: readonly { readonly signer: Address; readonly attestor: string; readonly signature: Hex }[];
  readonly reachesQuorum: boolean;
  /** abi.encode(AttestationProof) with exactly m signatures, when there are so many: what updateClient takes. */
  readonly proof?: Hex | undefined;
}

/** How grave a contradiction is. */
export type EvidenceVerdict =
  /** Some, fewer than a quorum, contradict the others or this proof API. */
  | 'minority'
  /** A quorum contradicts what this proof API reads: its own RPC may be the liar, or the quorum. */
  | 'quorum-against-own-reading'
  /** Two statements, each signed by a quorum. */
  | 'two-quorums';

/**
 * Who signed what about one thing, when not all signed the same: the JSON form in which it is kept and in which
 * `attest client submit-misbehaviour` reads it.
 */
export interface Evidence {
  readonly version: 1;
  /** Name of its file too. */
  readonly id: string;
  readonly verdict: EvidenceVerdict;
  readonly kind: 'state' | 'packet';
  readonly source: string;
  readonly dest: string;
  /** The client on the destination whose set signed. */
  readonly clientId: string;
  /** Decimal. */
  readonly height: string;
  readonly minRequiredSigs: number;
  readonly attestors: readonly Address[];
  /** ISO 8601. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly statements: readonly EvidenceStatement[];
  /** True when its proofs, submitted one after the other, freeze the client. */
  readonly submittable: boolean;
}

const hex = z.custom<Hex>((value) => typeof value === 'string' && /^0x(?:[0-9a-f]{2})*$/i.test(value), '0x hex');
const address = z.custom<Address>((value) => typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value), 'address');

const statementSchema: z.ZodType<EvidenceStatement> = z.strictObject({
  attestationData: hex,
  matchesOwnReading: z.boolean(),
  signatures: z.array(z.strictObject({ signer: address, attestor: z.string(), signature: hex })),
  reachesQuorum: z.boolean(),
  proof: hex.optional(),
});

const evidenceSchema: z.ZodType<Evidence> = z.strictObject({
  version: z.literal(1),
  id: z.string().regex(/^[a-z0-9-]+$/),
  verdict: z.enum(['minority', 'quorum-against-own-reading', 'two-quorums']),
  kind: z.enum(['state', 'packet']),
  source: z.string(),
  dest: z.string(),
  clientId: z.string(),
  height: z.string().regex(/^\d{1,20}$/),
  minRequiredSigs: z.number().int().min(1),
  attestors: z.array(address),
  firstSeen: z.string(),
  lastSeen: z.string(),
  statements: z.array(statementSchema),
  submittable: z.boolean(),
});

/** Which client, on which route. */
export interface ClientRef {
  readonly source: string;
  readonly dest: string;
  readonly clientId: string;
}

/** Signed groups about one thing; `own` tells which bytes the proof API itself read. */
export interface Contradiction {
  readonly client: ClientRef;
  readonly tally: Pick<Tally, 'statement' | 'set'>;
  readonly groups: readonly SignedGroup[];
}

/** Name of the evidence about one thing: the same again when more signatures for it arrive. */
const idOf = ({ client, tally: { statement } }: Contradiction): string => {
  const about = statement.kind === 'state' ? '' : statement.id;
  const scope = sha256(utf8ToBytes(JSON.stringify([client.source, client.dest, client.clientId, about])));
  return `${statement.kind}-${statement.height}-${bytesToHex(scope.subarray(0, 8)).slice(2)}`;
};

/** Writes a contradiction down. */
export const toEvidence = (contradiction: Contradiction, at: Date, firstSeen?: string): Evidence => {
  const { client, tally, groups } = contradiction;
  const { statement, set } = tally;
  const m = set.minRequiredSigs;
  const statements = groups.map(({ data, signatures }) => {
    const reachesQuorum = signatures.length >= m;
    const proof = { attestationData: data, signatures: signatures.slice(0, m).map(({ signature }) => signature) };
    return {
      attestationData: bytesToHex(data),
      matchesOwnReading: equalBytes(data, statement.data),
      signatures: signatures.map((entry) => ({ ...entry, signature: bytesToHex(entry.signature) })),
      reachesQuorum,
      ...(reachesQuorum ? { proof: bytesToHex(encodeAttestationProof(proof)) } : {}),
    };
  });
  const quorums = statements.filter(({ reachesQuorum }) => reachesQuorum);
  const against = quorums.some(({ matchesOwnReading }) => !matchesOwnReading);
  return {
    version: 1,
    id: idOf(contradiction),
    verdict: quorums.length > 1 ? 'two-quorums' : against ? 'quorum-against-own-reading' : 'minority',
    kind: statement.kind,
    ...client,
    height: statement.height.toString(),
    minRequiredSigs: m,
    attestors: [...set.attestors],
    firstSeen: firstSeen ?? at.toISOString(),
    lastSeen: at.toISOString(),
    statements,
    submittable: statement.kind === 'state' && quorums.length > 1,
  };
};

/**
 * The proofs that freeze the client, in the order in which to submit them: each alone, never in one transaction with a
 * receive. The first makes the client hold one statement (a no-op when it already does), the second contradicts it.
 * @param kind of the client's chain: ABI form for `evm`, protobuf (the client message of MsgUpdateClient) for `cosmos`
 * @returns empty when the evidence is not submittable
 */
export const misbehaviourProofs = (evidence: Evidence, kind: ChainReader['kind'] = 'evm'): readonly Hex[] => {
  if (!evidence.submittable) return [];
  const proofs = evidence.statements.flatMap(({ proof }) => (proof === undefined ? [] : [proof])).slice(0, 2);
  return kind === 'evm'
    ? proofs
    : proofs.map((proof) => bytesToHex(encodeProtobufProof(decodeAttestationProof(hexToBytes(proof)))));
};

/**
 * Reads evidence from JSON.
 * @throws ZodError for anything that is not evidence
 */
export const parseEvidence = (json: string): Evidence => evidenceSchema.parse(JSON.parse(json));
