export { chainReaderConformance } from './chain-reader.ts';
export { clientReaderConformance } from './client-reader.ts';
export { clockConformance } from './clock.ts';
export { eventSourceConformance } from './event-source.ts';
export { type ChainHarness, type CreateHarness, FINALITY_OFFSET, type SuiteOptions } from './harness.ts';
export { rejectsWith } from './rejects-with.ts';
export { signerConformance } from './signer.ts';
export { txSenderConformance } from './tx-sender.ts';
