// Functions that join these types: openGuard(options: OpenGuardOptions): Promise<Guard>, guardStatus(path): GuardStatus,
// guardEvidence(path), clearGuard(path, ClearOptions), exportGuard(path, file, ...), importGuard(file, path, ImportOptions).
export { GuardError, type GuardErrorCode } from './errors.ts';
export type {
  ConflictRule,
  GuardConflict,
  GuardRefusal,
  GuardStatement,
  GuardVerdict,
  PacketStatement,
  StatementBlock,
  StatementEntry,
  StateStatement,
} from './statement.ts';
export type {
  ClearOptions,
  ConflictReport,
  Evidence,
  ExportSummary,
  Guard,
  GuardLimits,
  GuardSource,
  GuardStatus,
  ImportOptions,
  ImportSummary,
  OpenGuardOptions,
  OperatorAction,
  RecordedBlock,
  RpcAnswer,
} from './types.ts';
