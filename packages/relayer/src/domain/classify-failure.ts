/** What an unsuccessful attempt means for the packets that took part in it. */
export type FailureVerdict =
  /** The packets cannot be proven yet: try again with the next block. */
  | { readonly kind: 'not-yet'; readonly reason: string }
  /** The proof API failed and does not say why: it may be its fault or a packet's. */
  | { readonly kind: 'unclear'; readonly reason: string }
  /** Something is down; no packet is to blame. `of` says what. */
  | { readonly kind: 'outage'; readonly of: 'proof-api' | 'chain' | 'store'; readonly reason: string }
  /** The whole way is blocked, whatever the packet: a frozen client, an empty purse. */
  | { readonly kind: 'blocked'; readonly reason: string }
  /** Too much for one transaction: halve, and plan smaller batches. */
  | { readonly kind: 'too-large'; readonly reason: string }
  /** Every packet of the batch was looked at and is bad: there is nothing to find by halving. */
  | { readonly kind: 'all-bad'; readonly reason: string }
  /** Some packet of the batch is bad: find it by halving. */
  | { readonly kind: 'bad-packet'; readonly reason: string };

/** The parts of an error that decide. */
export interface FailureFacts {
  readonly stage: 'prove' | 'submit';
  /** gRPC status, when the proof API answered. */
  readonly grpcCode?: number;
  /** Code of a chain error, or the code that the proof API named behind its status. */
  readonly code?: string;
  /** Name of the decoded custom error, when a transaction failed. */
  readonly revert?: string;
  readonly message: string;
}

/** Reverts that say something about the client or the signer, and would meet every packet alike. */
const BLOCKING_REVERTS: ReadonlySet<string> = new Set([
  'FrozenClientState',
  'IBCClientNotFound',
  'IBCCounterpartyClientNotFound',
  'AccessControlUnauthorizedAccount',
  'AccessManagedUnauthorized',
  'UnknownSigner',
  'ThresholdNotMet',
  'NoAttestors',
  'BadQuorum',
  'EnforcedPause',
]);

const TOO_LARGE: ReadonlySet<string> = new Set(['out-of-gas', 'too-large']);

const GRPC = {
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

/** What the proof API says more precisely than its status does. */
const PROOF_CODES: Readonly<Record<string, 'not-yet' | 'blocked' | 'too-large' | 'all-bad' | 'bad-packet'>> = {
  'proof-api/too-many-packets': 'too-large',
  'proof-api/nothing-to-relay': 'all-bad',
  // A node behind the proof API that has not heard of the transaction yet.
  'proof-api/tx-not-found': 'not-yet',
  'proof-api/unknown-route': 'blocked',
  'proof-api/client-not-found': 'blocked',
  'proof-api/client-unsupported': 'blocked',
  'proof-api/proof-refused': 'bad-packet',
};

const classifyProof = ({ grpcCode, code = '', message }: FailureFacts): FailureVerdict => {
  const reason = message;
  const known = Object.hasOwn(PROOF_CODES, code) ? PROOF_CODES[code] : undefined;
  if (known !== undefined) return { kind: known, reason };
  switch (grpcCode) {
    case GRPC.failedPrecondition:
      return { kind: 'not-yet', reason };
    case GRPC.unavailable:
    case GRPC.deadlineExceeded:
    case GRPC.cancelled:
      return { kind: 'outage', of: 'proof-api', reason };
    case GRPC.resourceExhausted:
    case GRPC.outOfRange:
      return { kind: 'too-large', reason };
    case GRPC.aborted:
    case GRPC.permissionDenied:
    case GRPC.unauthenticated:
    case GRPC.unimplemented:
      return { kind: 'blocked', reason };
    case GRPC.unknown:
    case GRPC.internal:
    case GRPC.dataLoss:
      return { kind: 'unclear', reason };
    default:
      return { kind: 'bad-packet', reason };
  }
};

const classifyRevert = (revert: string, message: string): FailureVerdict => {
  if (TOO_LARGE.has(revert)) return { kind: 'too-large', reason: message };
  return { kind: BLOCKING_REVERTS.has(revert) ? 'blocked' : 'bad-packet', reason: message };
};

/** Decides by codes, never by text. */
export const classifyFailure = (facts: FailureFacts): FailureVerdict => {
  if (facts.stage === 'prove' && facts.grpcCode !== undefined) return classifyProof(facts);
  if (facts.revert !== undefined) return classifyRevert(facts.revert, facts.message);
  switch (facts.code) {
    case 'chain/tx-too-large':
      return { kind: 'too-large', reason: facts.message };
    case 'chain/insufficient-funds':
    case 'relayer/foreign-contract':
    case 'relayer/foreign-transaction':
    case 'chain/wrong-chain':
    case 'chain/client-not-found':
      return { kind: 'blocked', reason: facts.message };
    case 'chain/simulation-failed':
    case 'chain/tx-failed':
    case 'chain/invalid-input':
      return { kind: 'bad-packet', reason: facts.message };
    case 'store/failed':
      return { kind: 'outage', of: 'store', reason: facts.message };
    default:
      return { kind: 'outage', of: 'chain', reason: facts.message };
  }
};
