import {
  chainReaderConformance,
  clientReaderConformance,
  eventSourceConformance,
  txSenderConformance,
} from '../conformance/index.ts';
import { createEvmHarness } from './evm-harness.ts';

chainReaderConformance('EVM on anvil', createEvmHarness);
clientReaderConformance('EVM on anvil', createEvmHarness);
eventSourceConformance('EVM on anvil', createEvmHarness);
txSenderConformance('EVM on anvil', createEvmHarness);
