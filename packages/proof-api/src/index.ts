export type { AttestationClient, AttestorEndpoint } from './attestors/attestor.ts';
export type { AnswerOutcome, AnswerReport } from './attestors/report.ts';
export {
  type ProofApiConfig,
  parseProofApiConfig,
  proofApiConfigSchema,
  type RouteConfig,
  type SourceConfig,
} from './config.ts';
export type { Item, ItemKind, LeftOut, LeftOutReason } from './domain/item.ts';
export { ProofApiError, type ProofApiErrorCode, toStatus } from './errors.ts';
export type { ProofApiEvent, StopReason } from './events.ts';
export {
  type Evidence,
  type EvidenceStatement,
  type EvidenceVerdict,
  misbehaviourProofs,
  parseEvidence,
} from './evidence/evidence.ts';
export { createFileEvidenceStore, createMemoryEvidenceStore, type EvidenceStore } from './evidence/store.ts';
export { createProofApi, type ProofApi, type ProofApiChain, type ProofApiDeps } from './proof-api.ts';
export type { RelayQuery } from './route/gather.ts';
export type { RelayResult } from './route/route.ts';
export { type RunningProofApi, startProofApi } from './start.ts';
