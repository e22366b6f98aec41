export { type Attestor, type AttestorDeps, createAttestor } from './attestor.ts';
export {
  type AttestorConfig,
  type AttestorLimits,
  type AttestorProcessConfig,
  attestorConfigSchema,
  attestorLimitsSchema,
  attestorProcessSchema,
} from './config.ts';
export { AttestorError, type AttestorErrorCode, toStatus } from './errors.ts';
export type { AttestorEvent } from './event.ts';
export type { GuardOpener } from './source.ts';
export { type AttestorParts, type RunningAttestors, type StartAttestorDeps, startAttestor } from './start.ts';
