export { GuardError, type GuardErrorCode } from './errors.ts';
export { openGuard } from './open-guard.ts';
export { clearGuard } from './operator/clear.ts';
export { exportGuard } from './operator/export.ts';
export { importGuard } from './operator/import.ts';
export { guardEvidence, guardStatus } from './operator/status.ts';
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
  ExportOptions,
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
