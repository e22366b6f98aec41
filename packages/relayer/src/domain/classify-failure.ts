/** What an unsuccessful attempt means for the packets that took part in it. */
export type FailureVerdict =
  /** The packets cannot be proven yet: try again with the next block. */
  | { readonly kind: 'not-yet'; readonly reason: string }
  /**
   * The proof API failed and does not say why, the chain names a trouble of the whole way, or its node gave no answer to
   * this transaction: it may be that, or one packet's, since an application can answer with any name, and can take a
   * node longer to run than it has time.
   */
  | { readonly kind: 'unclear'; readonly of: 'proof-api' | 'way' | 'chain'; readonly reason: string }
  /** Something is down; no packet is to blame. `of` says what. */
  | { readonly kind: 'outage'; readonly of: 'proof-api' | 'chain' | 'store'; readonly reason: string }
  /** The whole way is blocked, whatever the packet: an unknown client, an empty purse. */
  | { readonly kind: 'blocked'; readonly reason: string }
  /** Too much for one transaction, by a limit of the chain or of the way to it: halve, and plan smaller batches. */
  | { readonly kind: 'too-large'; readonly of: 'chain' | 'way'; readonly reason: string }
  /**
   * The proof API makes no proof of the packets, or the chain refuses them for now: `all` of them, or some. Never the
   * last word on a packet: others may have brought it meanwhile, a block may have been replaced, an attestor may err, a
   * limit by the day is new tomorrow.
   */
  | { readonly kind: 'refused'; readonly all: boolean; readonly reason: string }
  /** The destination can never take these packets, whatever happens: they wait for their timeout. */
  | { readonly kind: 'undeliverable'; readonly reason: string }
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
  /** How a node failed to answer: `meta.kind` of a chain error, with the HTTP status or the JSON-RPC code behind a colon. */
  readonly kind?: string;
  readonly message: string;
}

/** Reverts that say something about the client or the signer, and would meet every packet alike. */
const WAY_REVERTS: ReadonlySet<string> = new Set([
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
  // The same of Cosmos chains, by codespace and code. Source: types/errors.go of ibc-go's light client, 02-client and
  // its v2, and of the SDK.
  'attestations/4',
  'attestations/6',
  'attestations/10',
  'client/4',
  'client/5',
  'client/9',
  'client/29',
  'client/32',
  'client/33',
  'clientv2/34',
  'clientv2/35',
  // Unauthorized, insufficient funds, insufficient fee.
  'sdk/4',
  'sdk/5',
  'sdk/13',
]);

/** Every packet of the transaction was brought already, as the node's mempool has it. Source: ibc-go, 04-channel. */
const REDUNDANT = 'channel/22';

/** The account's sequence was taken, the mempool is full, the transaction's time is over: nothing about its packets. */
const CHAIN_REVERTS: ReadonlySet<string> = new Set(['sdk/20', 'sdk/30', 'sdk/32']);

/** What the same packet is spared later, whatever is changed: the escrow's limit by the day. */
const PASSING_REVERTS: ReadonlySet<string> = new Set(['RateLimitExceeded']);

const TOO_LARGE: ReadonlySet<string> = new Set(['out-of-gas', 'too-large']);

/** A node that is away, asked too often, or takes no transaction of anybody. */
const DOWN_KINDS: ReadonlySet<string> = new Set([
  ...['connection', 'closed', 'mempool-full', 'status:429', 'status:502', 'status:503'],
  // Limit exceeded, by EIP-1474.
  'rpc-error:-32005',
]);

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
const PROOF_CODES: Readonly<
  Record<string, 'not-yet' | 'blocked' | 'too-large' | 'refused-all' | 'refused' | 'undeliverable'>
> = {
  'proof-api/too-many-packets': 'too-large',
  'proof-api/nothing-to-relay': 'refused-all',
  // Until an operator raises a limit.
  'proof-api/packet-too-large': 'refused-all',
  'proof-api/undeliverable': 'undeliverable',
  // A node behind the proof API that has not heard of the transaction yet.
  'proof-api/tx-not-found': 'not-yet',
  'proof-api/unknown-route': 'blocked',
  'proof-api/client-not-found': 'blocked',
  'proof-api/client-unsupported': 'blocked',
  'proof-api/proof-refused': 'refused',
  'proof-api/packets-refused': 'refused',
};

const classifyProof = ({ grpcCode, code = '', message }: FailureFacts): FailureVerdict => {
  const reason = message;
  const known = Object.hasOwn(PROOF_CODES, code) ? PROOF_CODES[code] : undefined;
  if (known === 'refused' || known === 'refused-all') return { kind: 'refused', all: known === 'refused-all', reason };
  if (known === 'too-large') return { kind: known, of: 'way', reason };
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
      return { kind: 'too-large', of: 'way', reason };
    case GRPC.aborted:
    case GRPC.permissionDenied:
    case GRPC.unauthenticated:
    case GRPC.unimplemented:
      return { kind: 'blocked', reason };
    case GRPC.unknown:
    case GRPC.internal:
    case GRPC.dataLoss:
      return { kind: 'unclear', of: 'proof-api', reason };
    default:
      return { kind: 'refused', all: false, reason };
  }
};

const classifyRevert = (revert: string, { code, message }: FailureFacts): FailureVerdict => {
  // In a block it was the limit of this transaction that did not suffice: what it would need is not known.
  if (TOO_LARGE.has(revert) && code !== undefined) return { kind: 'too-large', of: 'chain', reason: message };
  if (PASSING_REVERTS.has(revert)) return { kind: 'refused', all: false, reason: message };
  if (revert === REDUNDANT) return { kind: 'refused', all: true, reason: message };
  if (CHAIN_REVERTS.has(revert)) return { kind: 'outage', of: 'chain', reason: message };
  if (WAY_REVERTS.has(revert)) return { kind: 'unclear', of: 'way', reason: message };
  return { kind: 'bad-packet', reason: message };
};

/** Decides by codes, never by text. */
export const classifyFailure = (facts: FailureFacts): FailureVerdict => {
  if (facts.stage === 'prove' && facts.grpcCode !== undefined) return classifyProof(facts);
  if (facts.revert !== undefined) return classifyRevert(facts.revert, facts);
  switch (facts.code) {
    case 'chain/tx-too-large':
      return { kind: 'too-large', of: 'chain', reason: facts.message };
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
    case 'chain/tx-dropped':
      return { kind: 'outage', of: 'chain', reason: facts.message };
    default:
      if (facts.kind === 'too-large') return { kind: 'too-large', of: 'way', reason: facts.message };
      return { kind: DOWN_KINDS.has(facts.kind ?? '') ? 'outage' : 'unclear', of: 'chain', reason: facts.message };
  }
};
