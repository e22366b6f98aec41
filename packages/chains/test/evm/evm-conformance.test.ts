import {
  chainReaderConformance,
  clientReaderConformance,
  eventSourceConformance,
  txSenderConformance,
} from '../conformance/index.ts';
import { createEvmHarness } from './evm-harness.ts';

const create = () => createEvmHarness();

chainReaderConformance('EVM on anvil', create);
chainReaderConformance('2 of 3 endpoints of anvil', () => createEvmHarness(3));
clientReaderConformance('EVM on anvil', create);
eventSourceConformance('EVM on anvil', create);
txSenderConformance('EVM on anvil', create);
