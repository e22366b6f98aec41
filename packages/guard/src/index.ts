export { GuardError, type GuardErrorCode } from './errors.ts';
export { openGuard } from './open-guard.ts';
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
